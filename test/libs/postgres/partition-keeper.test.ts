import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Clock } from '../../../libs/clock/clock.ts';
import { openPool, type Pool } from '../../../libs/postgres/database.ts';
import { createPartitionKeeper, type PartitionedTable } from '../../../libs/postgres/partition-keeper.ts';
import { partitionName, rangeOf, shiftRange } from '../../../libs/postgres/partition-range.ts';
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
  return { pool, keeper, log };
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
