import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClock } from '../../../libs/clock/clock.ts';
import type { Service } from '../../../libs/lifecycle/stoppable.ts';
import { openPool } from '../../../libs/postgres/database.ts';
import { listServiceStatus } from '../../../libs/store/service-status.ts';
import { reportStatus, totalLag } from '../../../libs/store/service-status-writer.ts';
import { testDatabase } from '../../support/stack/test-database.ts';
import { until } from '../../support/until.ts';
import { createTestLog } from '../postgres/logger.ts';

type Reported = Pick<Service, 'name' | 'health' | 'figures'>;

async function statusTable(t: Parameters<typeof testDatabase>[0]) {
  const { connectionString } = await testDatabase(t);
  const log = createTestLog();
  const pool = openPool({ connectionString, name: 'test', size: 2, timeoutMs: 2_000, logger: log.logger });
  t.after(() => pool.end());
  const report = (service: Reported) =>
    reportStatus({
      service,
      instance: 'a',
      pool,
      clock: createClock(),
      logger: log.logger,
      intervalMs: 20,
    });
  return { pool, log, report };
}

test('a service says again and again how it is, and takes its row with it when it stops', async (t) => {
  const { pool, report } = await statusTable(t);
  let isReady = false;
  const status = report({
    name: 'writer',
    health: () => ({ ready: isReady, reasons: isReady ? [] : ['starting'] }),
    figures: async () => ({ lagRecords: 12, lagSeconds: 0.5 }),
  });
  const own = async () => (await listServiceStatus(pool))[0];
  await until('its first row', async () => (await own())?.health.reasons[0] === 'starting');
  isReady = true;
  await until('its new health', async () => (await own())?.health.ready === true);
  const row = await own();
  assert.deepEqual(
    [row?.service, row?.instance, row?.lagRecords, row?.lagSeconds, row?.snapshotAgeSeconds],
    ['writer', 'a', 12, 0.5, null],
  );
  assert.match(row?.version ?? '', /^\d+\.\d+\.\d+/);
  await status.stop();
  assert.deepEqual(await listServiceStatus(pool), []);
});

test('figures that fail cost only themselves', async (t) => {
  const { pool, report } = await statusTable(t);
  const status = report({
    name: 'merger',
    health: () => ({ ready: true, reasons: [] }),
    figures: () => Promise.reject(new Error('no broker')),
  });
  await until('a row', async () => (await listServiceStatus(pool)).length === 1);
  assert.equal((await listServiceStatus(pool))[0]?.lagRecords, null);
  await status.stop();
});

test('a table that is away is logged once, and written to again when it is back', async (t) => {
  const { pool, log, report } = await statusTable(t);
  await pool.query('alter table service_status rename to service_status_away');
  const status = report({ name: 'api', health: () => ({ ready: true, reasons: [] }) });
  await until('the warning', () => log.lines.length > 0);
  await pool.query('alter table service_status_away rename to service_status');
  await until('a row', async () => (await listServiceStatus(pool)).length === 1);
  assert.equal(log.lines.length, 1);
  await status.stop();
});

test('lag is the sum of the records and the age of the oldest', () => {
  const topic = 'switchfleet.cdrs';
  const lags = [
    { topic, partition: 0, records: 2, seconds: 1 },
    { topic, partition: 1, records: 3, seconds: 9 },
  ] as const;
  assert.deepEqual(totalLag(lags), { lagRecords: 5, lagSeconds: 9, partitionLags: lags });
  assert.deepEqual(totalLag([]), { lagRecords: 0, lagSeconds: 0, partitionLags: [] });
});
