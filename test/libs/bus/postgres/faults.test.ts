import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus, BusRecord } from '../../../../libs/bus/bus.ts';
import { joinGroup, type Lease, type Membership } from '../../../../libs/bus/postgres/membership.ts';
import { createBusMetrics } from '../../../../libs/bus/postgres/metrics.ts';
import { createNews } from '../../../../libs/bus/postgres/news.ts';
import { openPool, type Pool } from '../../../../libs/postgres/database.ts';
import { TOPICS } from '../../../../libs/records/topics.ts';
import { createMetrics } from '../../../../libs/telemetry/metrics.ts';
import { testDatabase } from '../../../support/stack/test-database.ts';
import { createTestLog } from '../../postgres/logger.ts';
import { type DatabaseProxy, startProxy } from '../../postgres/proxy.ts';
import { createRecorder, publishKeys, until } from '../recorder.ts';
import { openTestBus } from '../test-bus.ts';

const TOPIC = TOPICS.channelEvents;

interface Bench {
  bus: Bus;
  proxy: DatabaseProxy;
  pool: Pool;
  metric(name: string): Promise<number>;
}

/** A bus that reaches its database through a proxy, and a pool that does not. */
async function setUp(t: TestContext, environment: Record<string, string> = {}): Promise<Bench> {
  const { connectionString } = await testDatabase(t);
  const proxy = await startProxy(connectionString);
  const metrics = createMetrics('test');
  const bus = await openTestBus(
    { DATABASE_URL: proxy.connectionString, BUS_TIMEOUT_MS: '1000', BUS_SESSION_MS: '1500', ...environment },
    metrics,
  );
  const { logger } = createTestLog();
  const pool = openPool({ connectionString, name: 'test', size: 4, timeoutMs: 10_000, logger });
  t.after(async () => {
    proxy.silence(false);
    await bus.close();
    await pool.end();
    await proxy.close();
  });
  const metric = async (name: string) => {
    const values = (await metrics.getSingleMetric(name)?.get())?.values ?? [];
    return values.reduce((sum, { value }) => sum + value, 0);
  };
  return { bus, proxy, pool, metric };
}

function keys(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => `k${from + i}`);
}

test('a publish that was not durable in time is refused and does not stay queued', async (t) => {
  const { bus, proxy, pool, metric } = await setUp(t);
  await publishKeys(bus, TOPIC, keys(1));
  proxy.silence(true);
  const started = performance.now();
  const attempts = await Promise.allSettled(keys(200).map((key) => bus.publish(TOPIC, [{ key, value: 1 }])));
  assert.ok(performance.now() - started < 5_000, 'after a second, and not when a connection is given up');
  for (const attempt of attempts) {
    assert.equal(attempt.status === 'rejected' && attempt.reason.code, 'bus-unavailable');
  }
  assert.equal(await metric('switchfleet_bus_publish_failures_total'), 200);
  await until(async () => (await metric('switchfleet_bus_waiting_records')) === 0, 'nothing waits');
  assert.equal(await metric('switchfleet_bus_waiting_bytes'), 0);
  proxy.silence(false);
  proxy.cut();
  await until(
    async () =>
      bus.publish(TOPIC, [{ key: 'later', value: 1 }]).then(
        () => true,
        () => false,
      ),
    'it is back',
  );
  const { rows } = await pool.query<{ key: string }>(`select key from bus_records where key <> 'later'`);
  assert.ok(rows.length <= 2, `only what was on its way may have arrived: ${rows.length}`);
});

test('a connection that is cut costs a publisher and a consumer nothing but time', async (t) => {
  const { bus, proxy } = await setUp(t, { BUS_TIMEOUT_MS: '10000' });
  const recorder = createRecorder('k');
  await bus.subscribe({ topics: [TOPIC], group: 'g', onBatch: recorder.onBatch });
  for (let round = 0; round < 5; round++) {
    const publishing = Promise.all(keys(50, round * 50).map((key) => publishKeys(bus, TOPIC, [key])));
    await sleep(round * 3);
    proxy.cut();
    await publishing;
  }
  await until(() => new Set(recorder.keys).size === 250, 'all is delivered');
});

test('what may wait has a bound, and one call that is larger goes through when nothing waits', async (t) => {
  const { bus, proxy, metric } = await setUp(t, { BUS_TIMEOUT_MS: '60000' });
  const large = (): BusRecord[] => [{ key: 'k', value: 'x'.repeat(17_000_000) }];
  const both = [...large(), ...large(), ...large(), ...large()];
  await assert.doesNotReject(bus.publish(TOPIC, both));
  proxy.silence(true);
  const waiting = bus.publish(TOPIC, both);
  await assert.rejects(bus.publish(TOPIC, [{ key: 'k', value: 1 }]), { code: 'bus-overloaded' });
  assert.ok((await metric('switchfleet_bus_waiting_bytes')) > 60_000_000);
  assert.ok((await metric('switchfleet_bus_waiting_bytes_limit')) > 0);
  proxy.silence(false);
  proxy.cut();
  await waiting;
});

test('check tells when the database is away, in one line', async (t) => {
  const { bus, proxy } = await setUp(t);
  await bus.check();
  await proxy.close();
  await assert.rejects(bus.check(), { code: 'bus-unavailable' });
});

test('offsets have no gaps and become visible in their order, whatever commits meanwhile', async (t) => {
  const { bus, pool } = await setUp(t, { BUS_TIMEOUT_MS: '20000' });
  const second = await openTestBus({ DATABASE_URL: pool.options.connectionString ?? '' });
  t.after(() => second.close());
  let seen = 0;
  let isDone = false;
  const reading = (async () => {
    while (!isDone) {
      const { rows } = await pool.query<{ n: number; top: number }>(
        'select count(*)::int as n, coalesce(max(record_offset), -1)::int + 1 as top from bus_records',
      );
      assert.equal(rows[0]?.n, rows[0]?.top, 'all offsets below the highest one are visible');
      seen = Math.max(seen, rows[0]?.n ?? 0);
    }
  })();
  await Promise.all(
    [bus, second].flatMap((one) =>
      Array.from({ length: 8 }, async () => {
        for (let i = 0; i < 20; i++) await one.publish(TOPIC, [{ key: 'same', value: i }]);
      }),
    ),
  );
  isDone = true;
  await reading;
  assert.ok(seen > 0);
});

/** A member that renews itself only when it hears of its group: the test decides when. */
async function join(t: TestContext, pool: Pool): Promise<{ membership: Membership; hear(): void }> {
  const { logger } = createTestLog();
  const news = createNews({ pool, logger, origin: 'test' });
  const metrics = createBusMetrics(createMetrics('test'));
  const shared = { pool, news, metrics, logger, group: 'g', topics: [TOPIC], sessionMs: 200_000 };
  const membership = await joinGroup({ ...shared, onAcquired: () => undefined });
  t.after(() => membership.leave().catch(() => undefined));
  return { membership, hear: () => news.hear('another group:g') };
}

test('a commit with an old generation is refused by its code, moves nothing, and the member joins again', async (t) => {
  const { pool, bus } = await setUp(t);
  await publishKeys(bus, TOPIC, keys(100));
  const { membership: late, hear } = await join(t, pool);
  const leases = late.leases();
  assert.equal(leases.length, 16);
  await pool.query(`update bus_members set expires_at = now() - interval '1 second'`);
  const { membership: other } = await join(t, pool);
  // a first attempt that meets a busy database is repeated
  await until(() => other.leases().length === 16, 'the other has the work of the one whose session was over');
  await other.commit(new Map(other.leases().map((lease) => [lease, 3n])));
  const progress = new Map<Lease, bigint>(leases.map((lease) => [lease, 1n]));
  await assert.rejects(late.commit(progress), { code: 'lease-lost' });
  const { rows } = await pool.query<{ next: string }>(
    'select distinct next_offset as next from bus_positions',
  );
  assert.deepEqual(rows, [{ next: '3' }]);
  assert.ok(leases.every((lease) => !lease.isHeld));
  await other.leave();
  hear();
  await until(() => late.leases().length === 16, 'the late one has all again');
  assert.ok(late.leases().every((lease) => lease.nextOffset === 3n && lease.generation === 3n));
});

test('a member that was killed before the clock of the database was set back by hours keeps no partitions', async (t) => {
  const { bus, pool } = await setUp(t);
  const first = createRecorder('k');
  const dead = await bus.subscribe({ topics: [TOPIC], group: 'g', onBatch: first.onBatch });
  await publishKeys(bus, TOPIC, keys(40));
  await until(async () => first.records.length === 40, 'it works');
  // what is left of it, without its goodbye
  const { rows } = await pool.query('select * from bus_members');
  const held = await pool.query('select topic_id, partition, member_id from bus_positions');
  await dead.stop();
  await pool.query(
    `insert into bus_members (group_name, member_id, topics, expires_at) values ($1, $2, $3, now() + interval '2 hours')`,
    [rows[0].group_name, rows[0].member_id, rows[0].topics],
  );
  for (const { topic_id, partition, member_id } of held.rows)
    await pool.query('update bus_positions set member_id = $3 where topic_id = $1 and partition = $2', [
      topic_id,
      partition,
      member_id,
    ]);
  const heir = createRecorder('k');
  await bus.subscribe({ topics: [TOPIC], group: 'g', onBatch: heir.onBatch });
  await publishKeys(bus, TOPIC, keys(40, 40));
  await until(async () => heir.records.length === 40, 'all partitions are read');
});

test('of members that live nobody takes a partition when the clock of the database is set back', async (t) => {
  const { pool, bus } = await setUp(t);
  await publishKeys(bus, TOPIC, keys(1));
  const [one, two] = [await join(t, pool), await join(t, pool)];
  one.hear();
  await until(() => one.membership.leases().length === 8, 'one leaves half of them');
  await one.membership.giveUp();
  two.hear();
  await until(() => two.membership.leases().length === 8, 'two takes the other half');
  await pool.query(`update bus_members set expires_at = expires_at + interval '2 hours'`);
  one.hear();
  const isRenewed = async () =>
    (await pool.query(`select from bus_members where expires_at > now() + interval '1 hour'`)).rowCount === 0;
  await until(isRenewed, 'one has renewed its session');
  await two.membership.commit(new Map(two.membership.leases().map((lease) => [lease, 1n])));
  assert.equal(one.membership.leases().length, 8);
});
