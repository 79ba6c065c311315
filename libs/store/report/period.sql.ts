import { CodedError } from '../../errors/coded-error.ts';
import type { Queryable } from '../queryable.ts';
import { fromMicroseconds, toMicroseconds } from '../time.sql.ts';

/** A span of whole hours and the one before it, µs. */
export interface Period {
  fromUs: number;
  toUs: number;
  before: { fromUs: number; toUs: number; shift: string };
}

const HOUR_US = 3_600_000_000;
const LONGEST_US = 5 * 366 * 24 * HOUR_US;

/**
 * The whole hours that a span touches, and the period before it: as many months where it begins and ends with a month of the
 * time zone, as much time by its clock else. @throws CodedError `span-invalid`
 */
export async function resolvePeriod(
  database: Queryable,
  { fromUs, toUs, timeZone }: { fromUs: number; toUs: number; timeZone: string },
): Promise<Period> {
  const [first, last] = [Math.floor(fromUs / HOUR_US) * HOUR_US, Math.ceil(toUs / HOUR_US) * HOUR_US];
  if (last <= first || last - first > LONGEST_US) {
    throw new CodedError('span-invalid', 'a report is of a span of an hour to five years, from before to');
  }
  const { rows } = await database.query<{ shift: string; before_us: string }>(
    `with local as (
       select ${fromMicroseconds('$1::bigint')} at time zone $3::text as first, ${fromMicroseconds('$2::bigint')} at time zone $3::text as last
     ), shifted as (
       select first, case
         when first = date_trunc('month', first) and last = date_trunc('month', last)
           then make_interval(months => ((extract(year from last) - extract(year from first)) * 12
             + extract(month from last) - extract(month from first))::integer)
         else last - first end as shift
       from local
     )
     select shift::text, ${toMicroseconds('(first - shift) at time zone $3::text')} as before_us from shifted`,
    [first, last, timeZone],
  );
  const { shift = '0', before_us = '0' } = rows[0] ?? {};
  return { fromUs: first, toUs: last, before: { fromUs: Number(before_us), toUs: first, shift } };
}
