import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Clock } from '../../../libs/clock/clock.ts';
import { openPool, type Pool } from '../../../libs/postgres/database.ts';
import { findExpiredPartitions } from '../../../libs/postgres/expired-partitions.ts';
import { listPartitions } from '../../../libs/postgres/partition.sql.ts';
import { createPartitionKeeper, type PartitionedTable } from '../../../libs/postgres/partition-keeper.ts';
import { isExpired, partitionName, rangeOf, shiftRange } from '../../../libs/postgres/partition-range.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import fc from '../../support/properties.ts';
import { testDatabase } from '../../support/stack/test-database.ts';
import { createTestLog } from './logger.ts';

const MONTHS: PartitionedTable = { table: 'seen', unit: 'month', ahead: 2, keep: 3 };

async function setUp(t: TestContext) {
  const { connectionString } = await testDatabase(t, { migrated: false });
  const log = createTestLog();
  const pool = openPool({ connectionString, name: 'test', size: 5, timeoutMs: 10_000, logger: log.logger });
  t.after(() => pool.end());
  await pool.query(`
    create table seen (id int not null, at timestamptz not null, note text default 'n',
      twice int generated always as (id * 2) stored, primary key (id, at)) partition by range (at);
    create index seen_note on seen (note);
    create table seen_default partition of seen default`);
  const metrics = createMetrics('test');
  const keeper = (table: Partial<PartitionedTable> = {}, clock?: Clock) =>
    createPartitionKeeper({
      pool,
      tables: [{ ...MONTHS, ...table }],
      logger: log.logger,
      metrics,
      ...(clock === undefined ? {} : { clock }),
    });
  const figure = async (name: string) => {
    const found = await metrics.getSingleMetric(`switchfleet_partition_${name}_total`)?.get();
    return found?.values[0]?.value ?? 0;
  };
  const session = async (options = '') => {
    const client = new pg.Client({ connectionString, options });
    t.after(() => client.end());
    await client.connect();
    return client;
  };
  return { pool, keeper, log, figure, metrics, session, connectionString };
}

/** The clock of a machine that shows this date. */
function clockAt(us: number): Clock {
  return { nowUs: () => us, after: () => () => undefined, sleep: async () => undefined };
}

async function partitions(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select relname as name from pg_inherits join pg_class on oid = inhrelid where inhparent = 'seen'::regclass order by 1`,
  );
  return rows.map((row) => row.name);
}

async function whereIs(pool: Pool, id: number): Promise<string | undefined> {
  const { rows } = await pool.query<{ name: string }>(
    'select tableoid::regclass::text as name from seen where id = $1',
    [id],
  );
  return rows[0]?.name;
}

/** Names of this month and `count` more (or before, when negative). */
function months(from: number, to: number): string[] {
  const now = rangeOf('month', Date.now() * 1000);
  return Array.from({ length: to - from + 1 }, (_, i) =>
    partitionName('seen', 'month', shiftRange('month', now, from + i)),
  );
}

test('makes this month and those ahead, and is content with what is there', async (t) => {
  const { pool, keeper } = await setUp(t);
  await keeper().run();
  assert.deepEqual(await partitions(pool), ['seen_default', ...months(0, 2)]);
  await keeper().run();
  assert.deepEqual(await partitions(pool), ['seen_default', ...months(0, 2)]);
  await pool.query('insert into seen (id, at) values (1, now())');
  assert.equal(await whereIs(pool, 1), months(0, 0)[0]);
});

test('moves strays to partitions of their own, and leaves dates far ahead where they are', async (t) => {
  const { pool, keeper } = await setUp(t);
  await pool.query(`insert into seen (id, at) values (1, now()), (2, now() - interval '2 months'),
    (3, now() + interval '10 years'), (4, 'infinity')`);
  await keeper().run();
  assert.equal(await whereIs(pool, 1), months(0, 0)[0]);
  assert.equal(await whereIs(pool, 2), months(-2, -2)[0]);
  assert.equal(await whereIs(pool, 3), 'seen_default');
  assert.equal(await whereIs(pool, 4), 'seen_default');
  const { rows } = await pool.query('select note, twice from seen where id = 2');
  assert.deepEqual(rows, [{ note: 'n', twice: 4 }]);
});

test('drops what is older than is kept, strays too', async (t) => {
  const { pool, keeper } = await setUp(t);
  await pool.query(
    `insert into seen (id, at) values (1, now() - interval '2 months'), (2, now() - interval '1 year')`,
  );
  await keeper({ keep: 24 }).run();
  assert.equal((await partitions(pool)).length, 6);
  await pool.query(`insert into seen (id, at) values (3, now() - interval '3 years')`);
  await keeper().run();
  assert.equal(await whereIs(pool, 1), months(-2, -2)[0]);
  assert.equal(await whereIs(pool, 2), undefined);
  assert.equal(await whereIs(pool, 3), undefined);
});

test('a clock that is years ahead costs unused partitions and drops nothing; an absurd one is passed over', async (t) => {
  const { pool, keeper } = await setUp(t);
  await pool.query('insert into seen (id, at) values (1, now())');
  await keeper({}, clockAt(Date.UTC(2080, 5) * 1000)).run();
  assert.equal(await whereIs(pool, 1), months(0, 0)[0]);
  assert.ok((await partitions(pool)).includes('seen_p208006'));
  await keeper({}, clockAt(8.64e18)).run();
  await keeper({}, clockAt(0)).run();
  assert.equal(await whereIs(pool, 1), months(0, 0)[0]);
});

const STYLES = ['ISO, DMY', 'German', 'SQL, DMY', 'SQL, MDY', 'Postgres, MDY'];

test('bounds are the same moments however the session writes times', async (t) => {
  const { pool, session } = await setUp(t);
  await pool.query(`set datestyle = 'ISO'; set time zone 'UTC';
    create table seen_first partition of seen for values from (minvalue) to ('2024-02-03Z');
    create table seen_last partition of seen for values from ('2024-02-04 01:02:03.000004Z') to (maxvalue)`);
  for (const style of STYLES) {
    for (const zone of ['Asia/Kolkata', 'America/New_York', 'UTC']) {
      const client = await session(`-c datestyle=${style.replace(' ', '')} -c timezone=${zone}`);
      assert.deepEqual(
        await listPartitions(client, 'seen'),
        [
          { name: 'seen_default', range: undefined },
          { name: 'seen_first', range: { fromUs: -Infinity, toUs: Date.UTC(2024, 1, 3) * 1000 } },
          {
            name: 'seen_last',
            range: { fromUs: Date.UTC(2024, 1, 4, 1, 2, 3) * 1000 + 4, toUs: Infinity },
          },
        ],
        `${style} ${zone}`,
      );
    }
  }
});

test('bounds that are no span of time are refused, and nothing is dropped', async (t) => {
  const { pool, log } = await setUp(t);
  await pool.query(`drop table seen; create table seen (id int, at text collate "C") partition by range (at);
    create table seen_old partition of seen for values from ('2001-01-01Z') to ('2001-02-01Z');
    create table seen_odd partition of seen for values from ('01.01.2001 Z') to ('1999-01-01Z')`);
  await pool.query('create table more (at timestamptz not null) partition by range (at)');
  const { logger } = log;
  const tables = [MONTHS, { ...MONTHS, table: 'more' }];
  await createPartitionKeeper({ pool, tables, logger, metrics: createMetrics('test') }).run();
  assert.deepEqual(await partitions(pool), ['seen_odd', 'seen_old']);
  const made = await pool.query(`select from pg_inherits where inhparent = 'more'::regclass`);
  assert.equal(made.rowCount, 3);
  const reasons = log.lines.filter((line) => line['level'] === 50).map((line) => String(line['reason']));
  assert.match(reasons.join(), /partition seen_odd has bounds that are no span/);
});

test('what is no number is past nothing', () => {
  assert.equal(isExpired({ toUs: Number.NaN }, Date.now() * 1000), false);
  assert.equal(isExpired({ toUs: 0 }, Number.NaN), false);
  assert.equal(isExpired({ toUs: Infinity }, Date.now() * 1000), false);
  assert.equal(isExpired({ toUs: 0 }, -Infinity), false);
  assert.equal(isExpired({ toUs: 0 }, 0), true);
});

test('drops nothing that is kept, whatever the DateStyle of the database', async (t) => {
  const { pool, keeper, connectionString } = await setUp(t);
  await keeper().run();
  await pool.query('insert into seen (id, at) values (1, now())');
  const before = await partitions(pool);
  for (const style of STYLES) {
    await pool.query(
      `do $$ begin execute format('alter database %I set datestyle = ''${style}''', current_database()); end $$`,
    );
    await keeper().run();
    assert.deepEqual(await partitions(pool), before, style);
    const url = new URL(connectionString);
    url.searchParams.set('options', `-c datestyle=${style.replace(' ', '')}`);
    const styled = new pg.Pool({ connectionString: url.href });
    assert.deepEqual(await findExpiredPartitions(styled, [MONTHS], Date.now() * 1000), []);
    await createPartitionKeeper({
      pool: styled,
      tables: [MONTHS],
      logger: createTestLog().logger,
      metrics: createMetrics('test'),
    }).run();
    await styled.end();
    assert.deepEqual(await partitions(pool), before, style);
  }
  assert.equal(await whereIs(pool, 1), months(0, 0)[0]);
});

test('the dry run tells what a run then takes: partitions and rows of the default one', async (t) => {
  const { pool, keeper } = await setUp(t);
  await pool.query(`create table seen_p202001 partition of seen for values from ('2020-01-01Z') to ('2020-02-01Z');
    insert into seen (id, at) values (1, now()), (2, now() - interval '1 year'), (3, now() - interval '1 year'), (4, '1970-01-02Z')`);
  const table = { ...MONTHS, sinceUs: Date.UTC(2005, 0) * 1000 };
  const dry = () => findExpiredPartitions(pool, [table], Date.now() * 1000);
  assert.deepEqual(await dry(), [
    { table: 'seen', partition: 'seen_p202001', strayRows: undefined },
    { table: 'seen', partition: 'seen_default', strayRows: 2 },
  ]);
  await keeper(table).run();
  const { rows } = await pool.query('select id from seen order by 1');
  assert.deepEqual(rows, [{ id: 1 }, { id: 4 }]);
  assert.deepEqual(await dry(), []);
});

test('while somebody reads, a run tries one drop, shortly, and leaves the others to the next', async (t) => {
  const { pool, keeper, figure, session } = await setUp(t);
  for (const year of [2001, 2002, 2003, 2004, 2005])
    await pool.query(
      `create table seen_p${year}01 partition of seen for values from ('${year}-01-01Z') to ('${year}-02-01Z')`,
    );
  await keeper({ keep: 2400 }).run();
  const reader = await session();
  await reader.query('begin; select count(*) from seen');
  const startedMs = performance.now();
  await keeper().run();
  assert.ok(performance.now() - startedMs < 4_000);
  assert.equal(await figure('failures'), 1);
  assert.equal((await partitions(pool)).length, 9);
  await reader.query('commit');
  await keeper().run();
  assert.deepEqual(await partitions(pool), ['seen_default', ...months(0, 2)]);
});

for (const vacuumed of ['seen_p200101', 'seen_default'])
  test(`waits for the autovacuum of ${vacuumed}, which PostgreSQL ends for it within a second`, async (t) => {
    const { pool, keeper, session } = await setUp(t);
    await pool.query(
      "create table seen_p200101 partition of seen for values from ('2001-01-01Z') to ('2001-02-01Z')",
    );
    await keeper({ keep: 2400 }).run();
    const vacuum = await session();
    await vacuum.query(`begin; lock table only ${vacuumed} in share update exclusive mode`);
    const ended = sleep(1_000).then(() => vacuum.query('commit'));
    await keeper().run();
    await ended;
    assert.deepEqual(await partitions(pool), ['seen_default', ...months(0, 2)]);
  });

test('starts without its partitions when somebody holds the tables, says so, and makes them later', async (t) => {
  const { pool, figure, metrics, session, log } = await setUp(t);
  const holder = await session();
  await holder.query('begin; lock table seen in share update exclusive mode');
  const [tables, { logger }] = [[MONTHS, MONTHS, MONTHS, MONTHS, MONTHS], log];
  const starting = createPartitionKeeper({ pool, tables, logger, metrics });
  const startedMs = performance.now();
  await starting.start();
  assert.ok(performance.now() - startedMs < 8_000);
  const busy = await figure('busy');
  assert.ok(busy >= 1 && busy < tables.length, String(busy));
  assert.ok(log.lines.some((line) => /somebody else works on the table/.test(String(line['msg']))));
  await holder.query('commit');
  await starting.run();
  await starting.stop();
  assert.deepEqual(await partitions(pool), ['seen_default', ...months(0, 2)]);
});

test('no advisory lock holds a keeper up: whoever may read could take one', async (t) => {
  const { pool, keeper, session } = await setUp(t);
  const reader = await session();
  await reader.query(`select pg_advisory_lock(hashtext('switchfleet.partition_keeper'))`);
  const run = keeper().run();
  await Promise.race([run, new Promise((resolve) => setTimeout(resolve, 3_000))]);
  assert.deepEqual(await partitions(pool), ['seen_default', ...months(0, 2)]);
  await reader.query('select pg_advisory_unlock_all()');
  await run;
});

test('a partition that cannot be made does not stop the others', async (t) => {
  const { pool, keeper, log } = await setUp(t);
  await pool.query(`create table ${months(0, 0)[0]} (taken int)`);
  await keeper().run();
  assert.deepEqual(await partitions(pool), ['seen_default', ...months(1, 2)]);
  assert.ok(log.lines.some((line) => line['level'] === 50 && /already exists/.test(String(line['reason']))));
});

test('four instances at once do the work of one, and writers go on meanwhile', async (t) => {
  const { pool, keeper, log } = await setUp(t);
  const writes = Array.from({ length: 200 }, (_, id) =>
    pool.query('insert into seen (id, at) values ($1, now())', [id]),
  );
  await Promise.all([...[1, 2, 3, 4].map(() => keeper().run()), ...writes]);
  assert.deepEqual(await partitions(pool), ['seen_default', ...months(0, 2)]);
  assert.equal(log.lines.filter((line) => line['level'] === 50).length, 0);
  await keeper().run();
  const { rows } = await pool.query('select count(*)::int as n from seen');
  assert.deepEqual(rows, [{ n: 200 }]);
});

test('ranges are UTC, touch each other and hold their moment (property)', () => {
  const moments = fc.integer({ min: 0, max: Date.UTC(2200, 0) });
  fc.assert(
    fc.property(moments, fc.constantFrom('day', 'month'), (ms, unit) => {
      const range = rangeOf(unit, ms * 1000);
      assert.ok(range.fromUs <= ms * 1000 && ms * 1000 < range.toUs);
      assert.equal(shiftRange(unit, range, 1).fromUs, range.toUs);
      assert.deepEqual(shiftRange(unit, shiftRange(unit, range, 1), -1), range);
    }),
  );
});
