/** How long one partition is; all bounds are UTC. */
export type PartitionUnit = 'day' | 'month';

/** Half open: from ≤ t < to, microseconds since 1970. */
export interface PartitionRange {
  fromUs: number;
  toUs: number;
}

/** The range of `unit` that holds `us`. */
export function rangeOf(unit: PartitionUnit, us: number): PartitionRange {
  const date = new Date(Math.floor(us / 1000));
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const [from, to] =
    unit === 'day'
      ? [Date.UTC(year, month, day), Date.UTC(year, month, day + 1)]
      : [Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1)];
  return { fromUs: from * 1000, toUs: to * 1000 };
}

/** The range `count` units later (earlier when negative). */
export function shiftRange(unit: PartitionUnit, { fromUs }: PartitionRange, count: number): PartitionRange {
  const date = new Date(fromUs / 1000);
  if (unit === 'day') date.setUTCDate(date.getUTCDate() + count);
  else date.setUTCMonth(date.getUTCMonth() + count);
  return rangeOf(unit, date.getTime() * 1000);
}

/** `cdr_p202601`, `bus_records_p20260131`. */
export function partitionName(table: string, unit: PartitionUnit, { fromUs }: PartitionRange): string {
  const digits = isoOf(fromUs).replaceAll('-', '');
  return `${table}_p${digits.slice(0, unit === 'day' ? 8 : 6)}`;
}

/** A bound as PostgreSQL reads it, whatever its time zone. */
export function isoOf(us: number): string {
  return new Date(us / 1000).toISOString();
}

/** Whether two ranges share a moment. */
export function overlap(a: PartitionRange, b: PartitionRange): boolean {
  return a.fromUs < b.toUs && b.fromUs < a.toUs;
}

/** Whether all of a range is older than what is kept. The one rule of it: a moment that is no number is past nothing. */
export function isExpired({ toUs }: Pick<PartitionRange, 'toUs'>, keptFromUs: number): boolean {
  return toUs <= keptFromUs;
}

/** Until when every moment from `us` on is in one of the ranges; `us` itself when it is in none. */
export function coveredUntil(ranges: readonly PartitionRange[], us: number): number {
  let until = us;
  for (const { fromUs, toUs } of ranges.toSorted((a, b) => a.fromUs - b.fromUs)) {
    if (fromUs <= until && until < toUs) until = toUs;
  }
  return until;
}
