/** When a route counts. `days` of the week, a time of day (`to` excluded; before `from`: over midnight), calendar days. */
export interface TimeWindow {
  days?: readonly Weekday[];
  /** `HH:MM`, 00:00 by default */
  from?: string;
  /** `HH:MM`, 24:00 by default */
  to?: string;
  /** `YYYY-MM-DD`, both included */
  dates?: { from: string; to: string };
}

export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Windows in the time of one zone (IANA name; UTC by default). No schedule: always. */
export interface Schedule {
  zone: string;
  windows: readonly TimeWindow[];
}

/** What a clock on the wall shows. */
interface LocalTime {
  minute: number;
  weekday: number;
  date: string;
}

const MINUTE_US = 60_000_000;
const DAY_MINUTES = 1440;

/** A schedule from the columns of a row; undefined: always. */
export function scheduleOf(row: {
  windows: readonly unknown[] | null;
  time_zone: string | null;
}): Schedule | undefined {
  if (row.windows === null || row.windows.length === 0) return undefined;
  // The database's check has refused every other shape.
  return { zone: row.time_zone ?? 'UTC', windows: row.windows as TimeWindow[] };
}

/** Whether the moment (microseconds since 1970) is in one of the windows. */
export function isOpen(schedule: Schedule | undefined, atUs: number): boolean {
  if (schedule === undefined) return true;
  const now = localTime(schedule.zone, atUs);
  return schedule.windows.some((window) => covers(window, now));
}

function covers(window: TimeWindow, now: LocalTime): boolean {
  const from = minutesOf(window.from ?? '00:00');
  const to = minutesOf(window.to ?? '24:00');
  if (from < to) return now.minute >= from && now.minute < to && isDay(window, now);
  // Over midnight: the hours after it belong to the day on which the window began.
  if (now.minute >= from) return isDay(window, now);
  return now.minute < to && isDay(window, dayBefore(now));
}

function isDay({ days, dates }: TimeWindow, { weekday, date }: LocalTime): boolean {
  if (dates !== undefined && (date < dates.from || date > dates.to)) return false;
  return days === undefined || days.some((day) => WEEKDAYS[weekday] === day);
}

function dayBefore({ minute, weekday, date }: LocalTime): LocalTime {
  const before = new Date(Date.parse(`${date}T00:00:00Z`) - DAY_MINUTES * 60_000);
  return { minute, weekday: (weekday + 6) % 7, date: before.toISOString().slice(0, 10) };
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}

interface ZoneClock {
  format: Intl.DateTimeFormat;
  minuteUs: number;
  local: LocalTime | undefined;
}

/** There are 600 zones, so this stays small; each knows the minute it was last asked for. */
const zones = new Map<string, ZoneClock>();

function localTime(zone: string, atUs: number): LocalTime {
  const clock = zones.get(zone) ?? openZone(zone);
  const minuteUs = Math.floor(atUs / MINUTE_US);
  if (clock.local === undefined || clock.minuteUs !== minuteUs) {
    clock.local = readClock(clock.format, atUs);
    clock.minuteUs = minuteUs;
  }
  return clock.local;
}

function openZone(zone: string): ZoneClock {
  const clock = { format: formatOf(zone), minuteUs: Number.NaN, local: undefined };
  zones.set(zone, clock);
  return clock;
}

/** A zone that this release of ICU doesn't know counts as UTC: a wrong hour is better than no route. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const options = {
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    weekday: 'short',
  } as const;
  try {
    return new Intl.DateTimeFormat('en-US', { ...options, timeZone });
  } catch {
    return new Intl.DateTimeFormat('en-US', { ...options, timeZone: 'UTC' });
  }
}

function readClock(format: Intl.DateTimeFormat, atUs: number): LocalTime {
  const parts = Object.fromEntries(format.formatToParts(atUs / 1000).map(({ type, value }) => [type, value]));
  return {
    minute: Number(parts['hour']) * 60 + Number(parts['minute']),
    weekday: WEEKDAYS.indexOf(parts['weekday']?.toLowerCase() as Weekday),
    date: `${parts['year']}-${parts['month']}-${parts['day']}`,
  };
}
