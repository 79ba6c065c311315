import type { Grouping } from '../../reports/dimension.ts';
import type { Queryable } from '../queryable.ts';
import { fromMicroseconds } from '../time.sql.ts';

/** Days (UTC) of a span that have calls and no sums of them. */
export interface MissingDays {
  days: number;
  /** the first and the last of them */
  first: string | null;
  last: string | null;
}

const FROM = fromMicroseconds('$1::bigint');
const TO = fromMicroseconds('$2::bigint');
const DAYS = `select day, least(day + interval '1 day', ${TO}) as next
  from generate_series(${FROM}, ${TO} - interval '1 hour', interval '1 day') as day`;

/** Calls of a day, which ids find; none of its sums. */
const WITHOUT_TRAFFIC = `
  exists (
    select from calls c where c.id >= call_id_floor(days.day) and c.id < call_id_floor(days.next)
      and c.start_at >= days.day and c.start_at < days.next and c.end_at is not null and c.merged_into is null
  ) and not exists (select from call_rollups r where r.grouping = 'traffic' and r.hour >= days.day and r.hour < days.next)
  and not exists (select from call_rollup_deltas r where r.grouping = 'traffic' and r.hour >= days.day and r.hour < days.next)`;

/** Destinations are kept since a later version: they count the outbound calls of the traffic. */
const WITHOUT_DESTINATIONS = `
  (select coalesce(sum(r.attempts) filter (where r.grouping = 'traffic'), 0) > coalesce(sum(r.attempts) filter (where r.grouping = 'destination'), 0)
   from (select grouping, direction, hour, attempts from call_rollups union all select grouping, direction, hour, attempts from call_rollup_deltas) as r
   where r.grouping in ('traffic', 'destination') and r.direction = 'outbound' and r.hour >= days.day and r.hour < days.next)`;

/** The days of a span that a report knows nothing of although there were calls. */
export async function findMissingDays(
  database: Queryable,
  { grouping, fromUs, toUs }: { grouping: Grouping; fromUs: number; toUs: number },
): Promise<MissingDays> {
  const missing =
    grouping === 'destination' ? `(${WITHOUT_TRAFFIC}) or ${WITHOUT_DESTINATIONS}` : WITHOUT_TRAFFIC;
  const { rows } = await database.query<MissingDays>(
    `with days as (${DAYS})
     select count(*)::integer as days, to_char(min(day) at time zone 'UTC', 'YYYY-MM-DD') as first,
       to_char(max(day) at time zone 'UTC', 'YYYY-MM-DD') as last
     from days where ${missing}`,
    [fromUs, toUs],
  );
  return rows[0] ?? { days: 0, first: null, last: null };
}
