const FORM = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6})\d*)?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/;

/**
 * A date and time as microseconds since 1970, as PostgreSQL and mod_cdr_csv write them; `zone` is that of
 * texts that name none. Undefined for what is none.
 */
export function readTimestamp(text: string, zone: Zone): number | undefined {
  const [, year, month, day, hour, minute, second, fraction = '', offset] = FORM.exec(text.trim()) ?? [];
  if (year === undefined) return undefined;
  const local = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  const ms = offset === undefined ? local - offsetOf(local, zone) : local - minutesOf(offset) * 60_000;
  return ms * 1000 + Number(fraction.padEnd(6, '0'));
}

function minutesOf(offset: string): number {
  if (offset === 'Z') return 0;
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(offset) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

const DAY_MS = 86_400_000;

/** How far a zone's clocks are ahead of UTC at a moment (ms since 1970), ms. */
export type Zone = (utcMs: number) => number;

/** The zone of an IANA name. @throws RangeError for a name that is none */
export function zoneOf(name: string): Zone {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  if (name === 'UTC') return () => 0;
  return (utcMs) => {
    const parts = format.formatToParts(utcMs);
    const part = (type: string) => Number(parts.find((candidate) => candidate.type === type)?.value);
    const day = [part('year'), part('month') - 1, part('day')] as const;
    return Date.UTC(...day, part('hour'), part('minute'), part('second')) - utcMs;
  };
}

/**
 * How far the zone is ahead of UTC, ms, at a local time. In the hour that a clock is put back over, the earlier one; in the
 * one that it is put forward over, as if it had not been.
 */
function offsetOf(local: number, zone: Zone): number {
  const before = zone(local - DAY_MS);
  const after = zone(local + DAY_MS);
  if (before === after || zone(local - before) === before) return before;
  return zone(local - after) === after ? after : before;
}
