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

test('times are read as they are, however the database or the address have them written', async (t) => {
  const { connectionString, database } = await testDatabase(t, { migrated: false });
  await database.write.query(`do $$ begin
    execute format('alter database %I set datestyle = ''German''', current_database());
    execute format('alter database %I set timezone = ''Asia/Kolkata''', current_database());
  end $$`);
  const url = new URL(connectionString);
  url.searchParams.set('options', '-c datestyle=SQL,DMY -c timezone=America/New_York');
  const { logger } = createTestLog();
  for (const address of [connectionString, url.href]) {
    const pool = openPool({ connectionString: address, name: 'test', size: 1, timeoutMs: 10_000, logger });
    const { rows } = await pool.query(`select timestamptz '2026-02-03 04:05:06.000789Z' as at,
      timestamptz '2026-02-03 04:05:06.000789Z'::text as text`);
    await pool.end();
    assert.deepEqual(rows, [{ at: new Date('2026-02-03T04:05:06Z'), text: '2026-02-03 04:05:06.000789+00' }]);
  }
});
