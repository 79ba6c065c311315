import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { foldFleet } from '../../../libs/calls/fold-fleet.ts';
import { compact, rebuild } from '../../../libs/store/rollup.ts';
import { recordedFleet } from '../../support/recorded-fleet.ts';
import { applyAll, deliveries, type FleetMergers, FOLD, fleetMergers, settle } from './fleet-mergers.ts';
import { batchesOf, random, shuffled } from './shuffling.ts';

const HOUR_US = 3_600_000_000;
const records = recordedFleet('run-05');
const { calls } = foldFleet(records, FOLD);
const spanUs = {
  fromUs: Math.floor(Math.min(...calls.map(({ start_us }) => start_us)) / HOUR_US) * HOUR_US - HOUR_US,
  toUs: (Math.floor(Math.max(...calls.map(({ end_us }) => end_us ?? 0)) / HOUR_US) + 2) * HOUR_US,
};

async function shuffledRun(t: Parameters<typeof fleetMergers>[0]): Promise<FleetMergers> {
  const fleet = await fleetMergers(t, 3);
  const all = deliveries(records);
  // Compacted in the middle as well: differences come before and after.
  const batches = batchesOf(shuffled([...all, ...all], random(5)), 70);
  await applyAll(fleet.mergers, batches.slice(0, 20));
  await compact(fleet.database.write);
  await applyAll(fleet.mergers, batches.slice(20));
  await settle(fleet);
  return fleet;
}

async function rowsOf({ database }: FleetMergers, view: string): Promise<unknown[]> {
  const { rows } = await database.write.query(`select * from ${view} as v order by v::text`);
  return rows;
}

const VIEWS = ['traffic_hourly', 'traffic_hourly_by_did', 'hangup_causes', 'concurrency'].map(
  (v) => `report.${v}`,
);

describe('reports', () => {
  it('say of run 05 what its calls say', async (t) => {
    const fleet = await shuffledRun(t);
    const { rows } = await fleet.database.write.query(
      `select sum(attempts)::integer as attempts, sum(answered)::integer as answered, sum(effective)::integer as effective,
         sum(minutes)::float8 as minutes, sum(billsec)::float8 as billsec, (sum(mos_sum) / sum(mos_calls))::float8 as mos,
         (select avg(mos) from report.calls)::float8 as mean
       from report.traffic_hourly`,
    );
    const talk = calls.reduce((sum, { billsec }) => sum + (billsec ?? 0), 0);
    assert.equal(rows[0].attempts, calls.length);
    assert.equal(rows[0].answered, calls.filter(({ answer_us }) => answer_us !== null).length);
    assert.equal(rows[0].effective, calls.filter(({ disposition }) => disposition !== 'failed').length);
    // milliseconds are rounded in each call, and minutes to the millionth in each row
    const bound = calls.length * 0.0005;
    assert.ok(Math.abs(rows[0].billsec - talk) < bound, `${rows[0].billsec} s, not ${talk}`);
    assert.ok(Math.abs(rows[0].minutes * 60 - talk) < bound, `${rows[0].minutes} minutes, not ${talk / 60}`);
    assert.ok(Math.abs(rows[0].mos - rows[0].mean) < 0.005, `${rows[0].mos}, not ${rows[0].mean}`);
    const causes = await fleet.database.write.query(
      `select hangup_cause, sum(calls)::integer as calls from report.hangup_causes group by 1 order by 1`,
    );
    assert.deepEqual(
      new Map(causes.rows.map((row) => [row.hangup_cause, row.calls])),
      new Map(
        [...Map.groupBy(calls, ({ hangup_cause }) => hangup_cause)]
          .map(([cause, own]) => [cause, own.length] as const)
          .sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1)),
      ),
    );
  });

  it('say the same before and after differences are compacted, and when they are built again', async (t) => {
    const fleet = await shuffledRun(t);
    const traffic = await rowsOf(fleet, 'report.traffic_hourly');
    await compact(fleet.database.write);
    const left = await fleet.database.write.query(
      'select (select count(*) from call_rollup_deltas)::integer + (select count(*) from concurrency_deltas)::integer as rows',
    );
    assert.equal(left.rows[0].rows, 0);
    assert.deepEqual(await rowsOf(fleet, 'report.traffic_hourly'), traffic);
    const kept = await Promise.all(VIEWS.map((view) => rowsOf(fleet, view)));
    assert.ok(kept.every((rows) => rows.length > 0 || rows === kept[1]));
    await rebuild(fleet.database.write, spanUs);
    const rebuilt = await Promise.all(VIEWS.map((view) => rowsOf(fleet, view)));
    assert.deepEqual(withoutIdle(rebuilt), withoutIdle(kept));
    // Nothing that is not counted is left of what was there.
    await fleet.database.write.query('update call_rollups set attempts = attempts + 1');
    await rebuild(fleet.database.write, spanUs);
    assert.deepEqual(
      withoutIdle(await Promise.all(VIEWS.map((view) => rowsOf(fleet, view)))),
      withoutIdle(kept),
    );
  });

  it('know how many calls were up at once in each minute, as counting them second by second', async (t) => {
    const fleet = await shuffledRun(t);
    await compact(fleet.database.write);
    const { rows } = await fleet.database.write.query<{ minute: Date; node: string | null; calls: number }>(
      'select minute, node, calls from report.concurrency where tenant is null',
    );
    assert.ok(rows.length > 5);
    for (const { minute, node, calls: most } of rows) {
      assert.equal(most, peakOf(minute.getTime() / 1000, node), `${minute.toISOString()} ${node}`);
    }
  });

  it('know the most of each hour: the greatest of its minutes, whoever wrote it', async (t) => {
    const fleet = await shuffledRun(t);
    const pool = fleet.database.write;
    const ofMinutes = `select date_trunc('hour', minute, 'UTC') as hour, tenant, node, max(calls) as calls from report.concurrency group by 1, 2, 3`;
    const expected = async () => sorted((await pool.query(ofMinutes)).rows);
    const ofHours = async () =>
      sorted((await pool.query('select hour, tenant, node, calls from report.concurrency_hourly')).rows);
    await compact(pool);
    assert.ok((await ofHours()).length > 1);
    assert.deepEqual(await ofHours(), await expected());
    await rebuild(pool, spanUs);
    assert.deepEqual(await ofHours(), await expected());
    // A release that does not know the column leaves it empty.
    await pool.query('update concurrency_hours set peak = null');
    assert.deepEqual(await ofHours(), await expected());
  });

  it('describe every view and column', async (t) => {
    const { database } = await fleetMergers(t, 1);
    const { rows } = await database.write.query(
      `select c.relname, a.attname from pg_class c
       join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'report'
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
       where c.relkind = 'v' and (col_description(c.oid, a.attnum) is null or obj_description(c.oid) is null)`,
    );
    assert.deepEqual(rows, []);
  });
});

function sorted(rows: unknown[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}

/** A minute in which a call began and ended in one second may or may not have a row: it says the same. */
function withoutIdle(views: unknown[][]): string[][] {
  return views.map(sorted);
}

function peakOf(minute: number, node: string | null): number {
  const own = calls
    .filter(({ nodes }) => node === null || nodes.includes(node))
    .map(({ start_us, end_us }) => [Math.floor(start_us / 1e6), Math.floor((end_us ?? 0) / 1e6)] as const);
  const up = (second: number) => own.filter(([start, end]) => start <= second && end > second).length;
  const seconds = Array.from({ length: 60 }, (_, at) => up(minute + at));
  return Math.max(up(minute - 1), ...seconds);
}
