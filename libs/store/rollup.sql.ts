import type { Queryable } from './queryable.ts';
import { fromMicroseconds } from './time.sql.ts';

/** Sums of call_rollups, in the order of its columns. */
const SUMS = [
  'attempts',
  'answered',
  'effective',
  'talk_ms',
  'mos_centi',
  'mos_calls',
  ...Array.from({ length: 16 }, (_, at) => `pdd_${at + 1}`),
];
const KEY = 'hour, grouping, tenant, domain, direction, trunk, node, did, hangup_cause, disposition' as const;

/** Building a rollup again reads every call of its span. */
const REBUILD_TIMEOUT_MS = 6 * 3_600_000;

/** Whether this transaction may compact: one at a time does, and none while a rollup is built again. */
export async function tryCompactionLock(client: Queryable): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    `select pg_try_advisory_xact_lock(hashtext('switchfleet.rollups')) as locked`,
  );
  return rows[0]?.locked === true;
}

/** Moves at most `limit` appended differences into call_rollups. Returns how many were moved. */
export async function compactRollups(client: Queryable, limit: number): Promise<number> {
  const { rows } = await client.query<{ taken: number }>(
    `with taken as (
       delete from call_rollup_deltas
       where ctid = any (array(select ctid from call_rollup_deltas limit $1)) returning *
     ), moved as (
       insert into call_rollups as known (${KEY}, ${SUMS.join(', ')})
       select ${KEY}, ${SUMS.map((name) => `sum(${name})`).join(', ')} from taken group by ${KEY} order by ${KEY}
       on conflict (${KEY}) do update set ${SUMS.map((name) => `${name} = known.${name} + excluded.${name}`).join(', ')}
     )
     select count(*)::integer as taken from taken`,
    [limit],
  );
  return rows[0]?.taken ?? 0;
}

/** Moves at most `limit` changes into seconds and days, and makes the minutes that they touch anew. Returns how many. */
export async function compactConcurrency(client: Queryable, limit: number): Promise<number> {
  const { rows } = await client.query<{ taken: number; touched: unknown }>(
    `with taken as (
       delete from concurrency_deltas
       where ctid = any (array(select ctid from concurrency_deltas limit $1)) returning *
     ), seconds as (
       insert into concurrency_seconds as known (at, tenant, node, change)
       select at, tenant, node, sum(change) from taken group by at, tenant, node order by at, tenant, node
       on conflict (at, tenant, node) do update set change = known.change + excluded.change
     ), days as (
       insert into concurrency_days as known (day, tenant, node, change)
       select (at at time zone 'UTC')::date as day, tenant, node, sum(change) from taken
       group by 1, tenant, node order by 1, tenant, node
       on conflict (day, tenant, node) do update set change = known.change + excluded.change
     ), minutes as (
       select distinct date_trunc('minute', at, 'UTC') as minute, tenant, node from taken
     )
     select (select count(*) from taken)::integer as taken, (select json_agg(minutes) from minutes) as touched`,
    [limit],
  );
  const { taken = 0, touched } = rows[0] ?? {};
  if (taken > 0) await makeMinutes(client, JSON.stringify(touched));
  return taken;
}

/** What adds up to nothing leaves no row: a rollup that is built again has none either. */
async function makeMinutes(client: Queryable, minutes: string): Promise<void> {
  const named = `json_to_recordset($1::json) as m (minute timestamptz, tenant text, node text)`;
  const seconds = `s.at >= m.minute and s.at < m.minute + interval '1 minute' and s.tenant = m.tenant and s.node = m.node`;
  const statements = [
    `delete from concurrency_seconds s using ${named} where ${seconds} and s.change = 0`,
    `delete from concurrency_minutes old using ${named}
     where old.minute = m.minute and old.tenant = m.tenant and old.node = m.node`,
    `insert into concurrency_minutes (minute, tenant, node, change, peak)
     select m.minute, m.tenant, m.node, made.change, made.peak
     from ${named}
     cross join lateral (
       select sum(change) as change, greatest(0, max(running)) as peak
       from (
         select s.change, sum(s.change) over (order by s.at) as running from concurrency_seconds s where ${seconds}
       ) as each having count(*) > 0
     ) as made`,
  ];
  for (const text of statements) await client.query(text, [minutes]);
}

/** A span of whole hours, µs; `toUs` is not in it. */
export interface RollupSpan {
  fromUs: number;
  toUs: number;
}

/** Keeps compaction away until `unlockRollups`, beyond transactions: a snapshot has to be taken after the lock. */
export async function lockRollups(client: Queryable): Promise<void> {
  await client.query(longQuery(`select pg_advisory_lock(hashtext('switchfleet.rollups'))`));
}

export async function unlockRollups(client: Queryable): Promise<void> {
  await client.query(`select pg_advisory_unlock(hashtext('switchfleet.rollups'))`);
}

/**
 * Builds the rollups of a span from `calls`, in a REPEATABLE READ transaction under `lockRollups`: a call that somebody is
 * changing meanwhile is counted as it was, and its difference is appended by who changes it.
 */
export async function rebuildRollups(client: Queryable, span: RollupSpan): Promise<void> {
  await client.query('set local statement_timeout = 0');
  const values = [span.fromUs, span.toUs];
  const within = (column: string) =>
    `${column} >= ${fromMicroseconds('$1::bigint')} and ${column} < ${fromMicroseconds('$2::bigint')}`;
  const statements = [
    `delete from call_rollup_deltas where ${within('hour')}`,
    `delete from call_rollups where ${within('hour')}`,
    `insert into call_rollups (${KEY}, ${SUMS.join(', ')})
     select ${KEY}, ${SUMS.map((name) => `sum(part.${name})`).join(', ')}
     from (select c as call from calls c where ${within('c.start_at')}) as counted
     cross join lateral call_rollups_of(counted.call) as part group by ${KEY}`,
    `delete from concurrency_deltas where ${within('at')}`,
    `delete from concurrency_seconds where ${within('at')}`,
    `insert into concurrency_seconds (at, tenant, node, change)
     select part.at, part.tenant, part.node, sum(part.change)
     from (select c as call from calls c where ${within('c.start_at')} or ${within('c.end_at')}) as counted
     cross join lateral concurrency_of(counted.call) as part
     where ${within('part.at')} group by part.at, part.tenant, part.node having sum(part.change) <> 0`,
    `delete from concurrency_minutes where ${within('minute')}`,
    `insert into concurrency_minutes (minute, tenant, node, change, peak)
     select minute, tenant, node, sum(change), greatest(0, max(running))
     from (
       select date_trunc('minute', at, 'UTC') as minute, tenant, node, change,
         sum(change) over (partition by tenant, node, date_trunc('minute', at, 'UTC') order by at) as running
       from concurrency_seconds where ${within('at')}
     ) as seconds group by minute, tenant, node`,
  ];
  for (const text of statements) await client.query(longQuery(text, values));
  await rebuildDays(client, values);
}

/** Of every day that the span touches, whole. */
async function rebuildDays(client: Queryable, values: unknown[]): Promise<void> {
  const from = `(${fromMicroseconds('$1::bigint')} at time zone 'UTC')::date`;
  const to = `(${fromMicroseconds('($2::bigint - 1)')} at time zone 'UTC')::date`;
  await client.query(longQuery(`delete from concurrency_days where day >= ${from} and day <= ${to}`, values));
  await client.query(
    longQuery(
      `insert into concurrency_days (day, tenant, node, change)
       select (at at time zone 'UTC')::date, tenant, node, sum(change) from concurrency_seconds
       where at >= ${from}::timestamp at time zone 'UTC' and at < (${to} + 1)::timestamp at time zone 'UTC'
       group by 1, tenant, node`,
      values,
    ),
  );
}

function longQuery(text: string, values: unknown[] = []) {
  return { text, values, query_timeout: REBUILD_TIMEOUT_MS };
}
