import { LAST_US } from '../records/variables.ts';

/** SQL for a column of whole microseconds since 1970 as a timestamptz: a double of seconds would lose the last digits. */
export function fromMicroseconds(expression: string): string {
  return `(timestamptz 'epoch' + ${expression} * interval '1 microsecond')`;
}

/** SQL for a timestamptz as whole microseconds since 1970; pg gives a bigint as text. */
export function toMicroseconds(expression: string): string {
  return `(extract(epoch from ${expression}) * 1000000)::bigint`;
}

/** A time that somebody else wrote, or the nearest one that PostgreSQL, a Date and RFC 3339 can all say. */
export function tellableUs(us: number): number {
  return Math.min(Math.max(us, 0), LAST_US);
}

/** SQL for the same of a timestamptz that is not null: BC and infinity included. */
export function tellable(expression: string): string {
  return `least(greatest(${expression}, timestamptz 'epoch'), ${fromMicroseconds(String(LAST_US))})`;
}

export interface Span {
  fromUs: number;
  toUs: number;
}

/** First and last of these moments: bounds let PostgreSQL skip partitions. Empty: a span that holds nothing. */
export function spanOf(moments: readonly number[]): Span {
  let fromUs = Number.MAX_SAFE_INTEGER;
  let toUs = 0;
  for (const at of moments) {
    if (at < fromUs) fromUs = at;
    if (at > toUs) toUs = at;
  }
  return { fromUs: Math.min(fromUs, toUs), toUs };
}
