import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createBusMetrics } from '../../../../libs/bus/postgres/metrics.ts';
import { type Retention, startRetention } from '../../../../libs/bus/postgres/retention.ts';
import { openPool, type Pool } from '../../../../libs/postgres/database.ts';
import { createPartitionKeeper } from '../../../../libs/postgres/partition-keeper.ts';
import { TOPICS } from '../../../../libs/records/topics.ts';
import { createMetrics } from '../../../../libs/telemetry/metrics.ts';
import { testDatabase } from '../../../support/stack/test-database.ts';
import { createTestLog } from '../../postgres/logger.ts';
import { createRecorder, publishKeys, until } from '../recorder.ts';
import { openTestBus } from '../test-bus.ts';

const TOPIC = TOPICS.cdrs;

/** A bus with ten records of three days ago, ten of yesterday and ten of today. */
async function setUp(t: TestContext) {
  const { connectionString } = await testDatabase(t);
  const log = createTestLog();
  const pool = openPool({ connectionString, name: 'test', size: 4, timeoutMs: 10_000, logger: log.logger });
  const publisher = await openTestBus({ DATABASE_URL: connectionString });
  const keys = [3, 1, 0].flatMap((days) => Array.from({ length: 10 }, (_, i) => `k${days}-${i}`));
  await publishKeys(publisher, TOPIC, keys);
  // Its own keeper makes today's partition behind it, and an update would miss the records that move there.
  await publisher.close();
  await pool.query(
    `update bus_records set published_at = now() - interval '1 day' * substr(key, 2, 1)::integer`,
  );
  const metrics = createMetrics('retention');
  const tables = [{ table: 'bus_records', unit: 'day', ahead: 1 } as const];
  await createPartitionKeeper({ pool, tables, logger: log.logger, metrics }).run();
  const bus = await openTestBus({ DATABASE_URL: connectionString });
  t.after(async () => {
    await bus.close();
    await pool.end();
  });
  const figures = createBusMetrics(metrics);
  const retention = (limits: { maxDays?: number; maxBytes?: number } = {}) => {
    const shared = { pool, logger: log.logger, metrics: figures, maxDays: 7, maxBytes: 1024 ** 4 };
    const started = startRetention({ ...shared, ...limits });
    t.after(() => started.stop());
    return started;
  };
  return { bus, pool, retention, figures, log };
}

/** Runs it until so many records are left: while the bus is at its own, no other one drops anything. */
async function runUntil(retention: Retention, pool: Pool, records: number): Promise<void> {
  const isSo = async () => {
    await retention.run();
    return (await countRecords(pool)) === records;
  };
  await until(isSo, `${records} records are left`);
}

async function countRecords(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ n: number }>('select count(*)::int as n from bus_records');
  return rows[0]?.n ?? 0;
}

test('keeps days that no group was ever registered for, and those that a group has still to read', async (t) => {
  const { bus, pool, retention } = await setUp(t);
  await retention().run();
  assert.equal(await countRecords(pool), 30);
  const recorder = createRecorder('k', async () => {
    if (recorder.records.length >= 1) throw new Error('stuck');
  });
  await bus.subscribe({ topics: [TOPIC], group: 'stuck', onBatch: recorder.onBatch, maxBatchRecords: 1 });
  await until(() => recorder.records.length >= 1, 'the group has begun');
  await retention().run();
  assert.equal(await countRecords(pool), 30);
});

test('drops the days that every group has passed, but never today', async (t) => {
  const { bus, pool, retention, figures } = await setUp(t);
  // Both are there before one has read: the bus drops by itself what every group that it knows has passed.
  const both = Promise.withResolvers<void>();
  const recorders = [createRecorder('k', () => both.promise), createRecorder('k', () => both.promise)];
  for (const [i, { onBatch }] of recorders.entries())
    await bus.subscribe({ topics: [TOPIC], group: `group-${i}`, onBatch });
  both.resolve();
  // a record may come twice
  await until(() => recorders.every(({ records }) => records.length >= 30), 'the groups have read all');
  await runUntil(retention(), pool, 10);
  assert.equal((await figures.droppedUnread.get()).values[0]?.value, 0);
  assert.deepEqual((await figures.lastLoss.get()).values, []);
});

test('drops unread days at the limits of age and size with an alert, and a late group goes on behind them', async (t) => {
  const { bus, pool, retention, figures, log } = await setUp(t);
  await runUntil(retention({ maxDays: 2 }), pool, 20);
  await runUntil(retention({ maxBytes: 1 }), pool, 10);
  assert.equal((await figures.droppedUnread.get()).values[0]?.value, 2);
  const [loss] = (await figures.lastLoss.get()).values;
  assert.deepEqual(loss?.labels, { group: 'nobody' });
  assert.ok(Math.abs((loss?.value ?? 0) - Date.now() / 1000) < 60, 'the moment of the loss');
  const alerts = log.lines.filter((line) => line['level'] === 50);
  assert.deepEqual(
    alerts.map((line) => line['behind']),
    [[{ group: 'nobody', topic: TOPIC }], [{ group: 'nobody', topic: TOPIC }]],
  );
  const recorder = createRecorder('k');
  const subscription = await bus.subscribe({ topics: [TOPIC], group: 'late', onBatch: recorder.onBatch });
  await until(() => recorder.records.length === 10, 'what is left is delivered');
  await until(async () => (await subscription.lag()).every((lag) => lag.records === 0), 'nothing waits');
});

test('a group whose records were all dropped is moved to the end', async (t) => {
  const { bus, pool, retention } = await setUp(t);
  await pool.query(`delete from bus_records where published_at > now() - interval '1 hour'`);
  await runUntil(retention({ maxDays: 1, maxBytes: 1 }), pool, 0);
  const recorder = createRecorder('k');
  const subscription = await bus.subscribe({ topics: [TOPIC], group: 'late', onBatch: recorder.onBatch });
  const behind = async () => (await subscription.lag()).reduce((sum, lag) => sum + lag.records, 0);
  await until(async () => (await behind()) === 0, 'nothing is left to wait for');
  await publishKeys(bus, TOPIC, ['k-new']);
  await until(() => recorder.keys.includes('k-new'), 'it goes on');
});
