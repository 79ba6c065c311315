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

/** Moves at most `limit` changes into seconds, and makes the hours that they touch anew. Returns how many. */
export async function compactConcurrency(client: Queryable, limit: number): Promise<number> {
  const { rows } = await client.query<{ taken: number; touched: unknown }>(
    `with taken as (
       delete from concurrency_deltas
       where ctid = any (array(select ctid from concurrency_deltas limit $1)) returning *
     ), seconds as (
       insert into concurrency_seconds as known (at, tenant, node, change)
       select at, tenant, node, sum(change) from taken group by at, tenant, node order by at, tenant, node
       on conflict (at, tenant, node) do update set change = known.change + excluded.change
     ), hours as (
       select distinct date_trunc('hour', at, 'UTC') as hour, tenant, node from taken
     )
     select (select count(*) from taken)::integer as taken, (select json_agg(hours) from hours) as touched`,
    [limit],
  );
  const { taken = 0, touched } = rows[0] ?? {};
  if (taken > 0) await makeHours(client, JSON.stringify(touched));
  return taken;
}

/** How the running number of calls grows from the beginning of an hour, by the second. */
const RUNNING = `sum(s.change) over (partition by s.tenant, s.node, date_trunc('hour', s.at, 'UTC') order by s.at)`;

/** The most in each minute that has a change: what it began with counts as well. */
const MINUTES = `
  select date_trunc('minute', at, 'UTC'), date_trunc('hour', at, 'UTC'), tenant, node,
    max(greatest(running, running - change))
  from running group by 1, 2, tenant, node`;

/** What adds up to nothing leaves no row: a rollup that is built again has none either. */
async function makeHours(client: Queryable, hours: string): Promise<void> {
  const named = `json_to_recordset($1::json) as n (hour timestamptz, tenant text, node text)`;
  const within = (column: string) => `${column} >= n.hour and ${column} < n.hour + interval '1 hour'`;
  const seconds = `${within('s.at')} and s.tenant = n.tenant and s.node = n.node`;
  const statements = [
    `delete from concurrency_seconds s using ${named} where ${seconds} and s.change = 0`,
    `delete from concurrency_minutes m using ${named}
     where ${within('m.minute')} and m.tenant = n.tenant and m.node = n.node`,
    `with running as (
       select s.*, ${RUNNING} as running from ${named} join concurrency_seconds s on ${seconds}
     ) insert into concurrency_minutes (minute, hour, tenant, node, peak) ${MINUTES}`,
    `insert into concurrency_hours as known (hour, tenant, node, change, level, peak)
     select n.hour, n.tenant, n.node, coalesce(sum(s.change), 0), 0,
       (select max(m.peak) from concurrency_minutes m where ${within('m.minute')} and m.tenant = n.tenant and m.node = n.node)
     from ${named} left join concurrency_seconds s on ${seconds} group by n.hour, n.tenant, n.node
     on conflict (tenant, node, hour) do update set change = excluded.change, peak = excluded.peak`,
  ];
  for (const text of statements) await client.query(text, [hours]);
  await levelHours(client, `select tenant, node, min(hour) as hour from ${named} group by tenant, node`, [
    hours,
  ]);
}

/** Carries the number of calls that are up on from hour to hour, beginning with those that `from` names. */
async function levelHours(client: Queryable, from: string, values: unknown[]): Promise<void> {
  await client.query(
    longQuery(
      `update concurrency_hours h set level = fresh.level
       from (
         select k.hour, k.tenant, k.node, coalesce(before.level + before.change, 0)
           + sum(k.change) over (partition by k.tenant, k.node order by k.hour) - k.change as level
         from (${from}) as first
         join concurrency_hours k on k.tenant = first.tenant and k.node = first.node and k.hour >= first.hour
         left join lateral (
           select p.level, p.change from concurrency_hours p
           where p.tenant = first.tenant and p.node = first.node and p.hour < first.hour order by p.hour desc limit 1
         ) as before on true
       ) as fresh
       where h.tenant = fresh.tenant and h.node = fresh.node and h.hour = fresh.hour and h.level <> fresh.level`,
      values,
    ),
  );
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
 * changing meanwhile is counted as it was, and its difference is appended by who changes it. Rows are written in order of
 * their keys: an index that is larger than the buffers is then written page after page.
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
     where ${within('part.at')} group by part.at, part.tenant, part.node having sum(part.change) <> 0
     order by part.at, part.tenant, part.node`,
    `delete from concurrency_minutes where ${within('minute')}`,
    `with running as (
       select s.*, ${RUNNING} as running from concurrency_seconds s where ${within('s.at')}
     ) insert into concurrency_minutes (minute, hour, tenant, node, peak) ${MINUTES} order by 1, tenant, node`,
    `delete from concurrency_hours where ${within('hour')}`,
    `insert into concurrency_hours (hour, tenant, node, change, level, peak)
     select s.hour, s.tenant, s.node, s.change, 0, m.peak
     from (
       select date_trunc('hour', at, 'UTC') as hour, tenant, node, sum(change) as change
       from concurrency_seconds where ${within('at')} group by 1, tenant, node
     ) as s
     left join (
       select hour, tenant, node, max(peak) as peak from concurrency_minutes where ${within('minute')} group by hour, tenant, node
     ) as m using (hour, tenant, node)`,
  ];
  for (const text of statements) await client.query(longQuery(text, values));
  const all = `select tenant, node, min(hour) as hour from concurrency_hours
    where hour >= ${fromMicroseconds('$1::bigint')} group by tenant, node`;
  await levelHours(client, all, values.slice(0, 1));
}

function longQuery(text: string, values: unknown[] = []) {
  return { text, values, query_timeout: REBUILD_TIMEOUT_MS };
}
