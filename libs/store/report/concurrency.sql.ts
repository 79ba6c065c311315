import { allOf, at, raw, render, sql } from '../fragment.ts';
import type { Queryable } from '../queryable.ts';

export interface ConcurrencyQuestion {
  /** whole hours, µs */
  fromUs: number;
  toUs: number;
  step: 'minute' | 'hour' | 'day';
  timeZone: string;
  tenant?: string | undefined;
  /** undefined: all servers */
  node?: string | undefined;
}

export interface ConcurrencyPoint {
  /** beginning of the step, by the time zone's clock: 2026-11-20T23:00 */
  step: string;
  /** the most calls that were up at once */
  calls: number;
}

/**
 * The most calls that were up at once in each step, to the second: of one tenant, or of all together. Steps in which nothing
 * began or ended have what was up before them.
 */
export async function readConcurrency(
  database: Queryable,
  { fromUs, toUs, step, timeZone, tenant, node = '' }: ConcurrencyQuestion,
): Promise<ConcurrencyPoint[]> {
  const whose = allOf([sql`node = ${node}`, ...(tenant === undefined ? [] : [sql`tenant = ${tenant}`])]);
  const query = sql`
    with base as (
      select coalesce(sum(level), 0) as up from (
        select distinct on (tenant, node) case when hour = ${at(fromUs)} then level else level + change end as level
        from concurrency_hours where ${whose} and hour <= ${at(fromUs)} order by tenant, node, hour desc
      ) as levels
    ), late as (
      select coalesce(sum(change), 0) as up from concurrency_deltas where ${whose} and at < ${at(fromUs)}
    ), seconds as (
      select at, sum(change) as change from (
        select at, change from concurrency_seconds where ${whose} and at >= ${at(fromUs)} and at < ${at(toUs)}
        union all
        select at, change from concurrency_deltas where ${whose} and at >= ${at(fromUs)} and at < ${at(toUs)}
      ) as changes group by at
    ), running as (
      select date_trunc(${step}::text, at at time zone ${timeZone}::text) as step, change,
        (select up from base) + (select up from late) + sum(change) over (order by at) as up
      from seconds
    ), peaks as (
      select step, max(up) as peak, sum(change) as change from running group by step
    ), steps as (
      select generate_series(date_trunc(${step}::text, ${at(fromUs)} at time zone ${timeZone}::text),
        ${at(toUs)} at time zone ${timeZone}::text - interval '1 microsecond', ${`1 ${step}`}::interval) as step
    )
    select to_char(steps.step, ${raw(`'YYYY-MM-DD"T"HH24:MI'`)}) as step,
      greatest(coalesce(peak, 0), (select up from base) + (select up from late)
        + coalesce(sum(change) over (order by steps.step) - coalesce(change, 0), 0))::integer as calls
    from steps left join peaks using (step) order by steps.step`;
  const { rows } = await database.query<ConcurrencyPoint>(render(query));
  return rows;
}
