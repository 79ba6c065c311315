import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPool } from '../../../libs/postgres/database.ts';
import { testDatabase } from '../../support/stack/test-database.ts';
import { createTestLog } from './logger.ts';

test('a connection that is lost is told, and one that is being closed anyway is not', async (t) => {
  const { connectionString } = await testDatabase(t, { migrated: false });
  const log = createTestLog();
  const pool = openPool({ connectionString, name: 'test', size: 1, timeoutMs: 10_000, logger: log.logger });
  const client = await pool.connect();
  client.release();
  client.emit('error', new Error('cut'));
  const told = log.lines.length;
  assert.ok(told > 0);
  const other = await pool.connect();
  other.release();
  const ended = pool.end();
  other.emit('error', new Error('cut'));
  await ended;
  assert.equal(log.lines.length, told);
});
