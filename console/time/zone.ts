/** How exactly a moment is shown. */
export type Precision = 'minute' | 'second' | 'ms' | 'us';

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formats.set(zone, made);
  return made;
}

/** Whether this machine knows a time zone. */
export function isZone(name: string): boolean {
  try {
    return formatOf(name) !== undefined;
  } catch {
    return false;
  }
}

/** A moment in a zone: `{ date: '2026-11-20', time: '20:50:37.123' }`. */
export function readMoment(
  us: number,
  zone: string,
  precision: Precision = 'second',
): { date: string; time: string } {
  const parts: Record<string, string> = {};
  for (const { type, value } of formatOf(zone).formatToParts(Math.floor(us / 1_000))) parts[type] = value;
  const minute = `${parts['hour']}:${parts['minute']}`;
  const fraction = String(((us % 1_000_000) + 1_000_000) % 1_000_000).padStart(6, '0');
  const tails = {
    minute: '',
    second: `:${parts['second']}`,
    ms: `:${parts['second']}.${fraction.slice(0, 3)}`,
    us: `:${parts['second']}.${fraction}`,
  };
  return { date: `${parts['year']}-${parts['month']}-${parts['day']}`, time: minute + tails[precision] };
}

/** A moment as one text: `2026-11-20 20:50:37`. */
export function formatMoment(us: number, zone: string, precision: Precision = 'second'): string {
  const { date, time } = readMoment(us, zone, precision);
  return `${date} ${time}`;
}

const LOCAL = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?)?$/;

/**
 * What a clock in a zone shows (`2026-11-20 20:50`) as microseconds; undefined when it is no moment. An hour that the
 * clocks skip is the one after it, of an hour that comes twice it is the first.
 */
export function parseMoment(text: string, zone: string): number | undefined {
  const match = LOCAL.exec(text.trim());
  if (match === null) return undefined;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  const asUtc = Date.UTC(year, month - 1, day, hour, minute, second);
  if (
    Number.isNaN(asUtc) ||
    new Date(asUtc).getUTCDate() !== day ||
    month < 1 ||
    month > 12 ||
    hour > 23 ||
    minute > 59 ||
    second > 59
  )
    return undefined;
  // the offset before and after: where clocks are set between them, the greater one is the earlier moment
  const offsets = [offsetMs(asUtc - 86_400_000, zone), offsetMs(asUtc + 86_400_000, zone)].sort(
    (a, b) => b - a,
  );
  const fitting = offsets.find((offset) => offsetMs(asUtc - offset, zone) === offset);
  return (asUtc - (fitting ?? Math.min(...offsets))) * 1_000;
}

/** How far the clocks of a zone are ahead of UTC at a moment (ms). */
function offsetMs(ms: number, zone: string): number {
  const { date, time } = readMoment(ms * 1_000, zone);
  return Date.parse(`${date}T${time}Z`) - Math.floor(ms / 1_000) * 1_000;
}
