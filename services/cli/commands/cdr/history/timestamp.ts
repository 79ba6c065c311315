const FORM = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6})\d*)?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/;

/**
 * A date and time as microseconds since 1970, as PostgreSQL and mod_cdr_csv write them; `zone` (an IANA name) is that of
 * texts that name none. Undefined for what is none.
 */
export function readTimestamp(text: string, zone: string): number | undefined {
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

/** How far the zone is ahead of UTC, ms, at a local time. In the hour that a clock is put back over, the earlier one. */
function offsetOf(local: number, zone: string): number {
  const first = ahead(local, zone);
  const second = ahead(local - first, zone);
  return second;
}

function ahead(utc: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(utc);
  const part = (type: string) => Number(parts.find((candidate) => candidate.type === type)?.value);
  return (
    Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) - utc
  );
}
