const FORM = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6})\d*)?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/;
/** What other databases write for "never". */
const NEVER = /^0000-00-00/;

/**
 * A date and time as microseconds since 1970, as PostgreSQL and mod_cdr_csv write them; `zone` is that of
 * texts that name none. Two moments, the earlier first, in an hour that a clock was put back over; none for what is no
 * date and time.
 */
export function readTimestamps(text: string, zone: Zone): readonly number[] {
  const [, year, , , , , , fraction = '', offset] = FORM.exec(text.trim()) ?? [];
  const local = localOf(text);
  if (year === undefined || local === undefined) return [];
  const offsets = offset === undefined ? offsetsOf(local, zone) : [minutesOf(offset) * 60_000];
  return offsets.map((ahead) => (local - ahead) * 1000 + Number(fraction.padEnd(6, '0')));
}

/** Whether a text has the form of a date and time, and there is none such: the 31st of February. */
export function isImpossible(text: string): boolean {
  return FORM.test(text.trim()) && !NEVER.test(text.trim()) && localOf(text) === undefined;
}

/** Clocks and calendar as if they were UTC's, ms. Date.UTC takes the 31st of February for the 3rd of March. */
function localOf(text: string): number | undefined {
  const parts = FORM.exec(text.trim())?.slice(1, 7).map(Number);
  if (parts === undefined) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(ms);
  const isSame = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour;
  return isSame && date.getUTCMinutes() === minute && date.getUTCSeconds() === second ? ms : undefined;
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
 * How far the zone is ahead of UTC, ms, at a local time. In an hour that a clock is put back over, both, that of the earlier
 * moment first; in the one that it is put forward over, as if it had not been.
 */
function offsetsOf(local: number, zone: Zone): number[] {
  const [before, after] = [zone(local - DAY_MS), zone(local + DAY_MS)];
  if (before === after) return [before];
  const fitting = [before, after].filter((ahead) => zone(local - ahead) === ahead);
  return fitting.length === 0 ? [before] : fitting;
}
