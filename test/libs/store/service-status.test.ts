import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPool } from '../../../libs/postgres/database.ts';
import {
  listServiceStatus,
  pruneServiceStatus,
  removeServiceStatus,
  type ServiceStatus,
  writeServiceStatus,
} from '../../../libs/store/service-status.ts';
import { testDatabase } from '../../support/stack/test-database.ts';
import { createTestLog } from '../postgres/logger.ts';

const STATUS: ServiceStatus = {
  instance: 'a',
  service: 'writer',
  version: '0.1.0',
  health: { ready: true, reasons: [], details: { batches: 3 } },
  lagRecords: 7,
  lagSeconds: 0.25,
  snapshotAgeSeconds: null,
  startedAtUs: 1_750_000_000_123_456,
};

test('an instance overwrites its own row, which reads back as it was written', async (t) => {
  const { connectionString } = await testDatabase(t);
  const { logger } = createTestLog();
  const pool = openPool({ connectionString, name: 'test', size: 2, timeoutMs: 10_000, logger });
  t.after(() => pool.end());
  await writeServiceStatus(pool, { ...STATUS, health: { ready: false, reasons: ['starting'] } });
  await writeServiceStatus(pool, STATUS);
  await writeServiceStatus(pool, { ...STATUS, service: 'cdr', lagRecords: null, lagSeconds: null });
  const [cdr, writer, ...rest] = await listServiceStatus(pool);
  assert.deepEqual(rest, []);
  assert.equal(cdr?.lagRecords, null);
  const { updatedAtUs, silentSeconds, ...written } = writer ?? assert.fail();
  assert.deepEqual(written, STATUS);
  assert.ok(silentSeconds >= 0 && silentSeconds < 60);
  assert.ok(updatedAtUs > STATUS.startedAtUs);
  await removeServiceStatus(pool, STATUS);
  assert.equal((await listServiceStatus(pool)).length, 1);
  assert.equal(await pruneServiceStatus(pool, 3_600), 0);
  assert.equal(await pruneServiceStatus(pool, -1), 1);
});
