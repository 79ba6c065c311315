import { formatMoment } from './zone.ts';

/** An RFC 3339 instant as microseconds. */
export const at = (instant: string): number => Date.parse(instant) * 1_000;

/** Microseconds as RFC 3339 in UTC, to the microsecond. */
export function toInstant(us: number): string {
  return `${formatMoment(us, 'UTC', 'us').replace(' ', 'T')}Z`;
}
