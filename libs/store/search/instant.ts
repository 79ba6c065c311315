/** `2026-11-20 20:51:30.123456+00`, as PostgreSQL writes a timestamptz in any time zone (DateStyle ISO). */
const TIMESTAMPTZ = /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?([+-]\d\d)(?::?(\d\d))?/;

/** Microseconds since 1970 of a timestamptz as PostgreSQL writes it: a Date would lose the last three digits. @throws RangeError */
export function readTimestamptz(text: string): number {
  const match = TIMESTAMPTZ.exec(text);
  if (match === null) throw new RangeError(`no timestamptz: ${text}`);
  const [, day, time, fraction = '', hours, minutes = '00'] = match;
  return Date.parse(`${day}T${time}${hours}:${minutes}`) * 1000 + Number(fraction.padEnd(6, '0'));
}

/** Microseconds since 1970 as RFC 3339 in UTC, all six digits. */
export function toInstant(us: number): string {
  const fraction = ((us % 1_000_000) + 1_000_000) % 1_000_000;
  const seconds = new Date(Math.floor(us / 1_000_000) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(fraction).padStart(6, '0')}Z`;
}
