import { CodedError } from '../errors/coded-error.ts';

/** What figures can be asked by. */
export const DIMENSIONS = [
  'tenant',
  'domain',
  'direction',
  'trunk',
  'node',
  'did',
  'prefix',
  'country',
  'hangup_cause',
  'disposition',
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** Steps of time that figures can be asked by, in the caller's time zone. */
export const STEPS = ['hour', 'day', 'month'] as const;
export type Step = (typeof STEPS)[number];

/** The groupings that sums are kept for (migrations/0041_reports.sql and 0071_destinations.sql), and what each can tell. */
const GROUPINGS = {
  traffic: ['tenant', 'domain', 'direction', 'trunk', 'node'],
  did: ['tenant', 'domain', 'did'],
  cause: ['tenant', 'direction', 'trunk', 'hangup_cause', 'disposition'],
  destination: ['tenant', 'domain', 'direction', 'trunk', 'node', 'prefix', 'country'],
} as const satisfies Record<string, readonly Dimension[]>;
export type Grouping = keyof typeof GROUPINGS;

/** The most digits of a number that destinations are kept by. */
export const MOST_DIGITS = 6;

/**
 * The sums that answer a question by all of these. @throws CodedError `report-combination` naming what goes together
 */
export function groupingOf(dimensions: Iterable<Dimension>): Grouping {
  const asked = [...new Set(dimensions)];
  for (const [grouping, known] of Object.entries(GROUPINGS) as [Grouping, readonly Dimension[]][]) {
    if (asked.every((dimension) => known.includes(dimension))) return grouping;
  }
  const sets = Object.values(GROUPINGS).map((known) => known.join(', '));
  throw new CodedError(
    'report-combination',
    `no sums are kept by ${asked.join(', ')} together; these go together: ${sets.join('; ')}`,
  );
}

/** Country codes of E.164 have one, two or three digits, and none is the beginning of another. */
const COUNTRY = `case when did ~ '^\\+[17]' then left(did, 2)
  when did ~ '^\\+(2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])' then left(did, 3)
  when did ~ '^\\+' then left(did, 4) else '' end`;

/** SQL over a row of call_rollups; digits are those of a prefix. */
export function dimensionSql(dimension: Dimension, digits: number): string {
  if (dimension === 'country') return COUNTRY;
  if (dimension !== 'prefix') return dimension;
  const length = Math.min(MOST_DIGITS, Math.max(1, Math.trunc(digits)));
  return `left(did, ${length} + (did like '+%')::integer)`;
}
