import { toInstant } from '../time/instant.ts';
import { parseMoment } from '../time/zone.ts';

/** From when to when is searched: a last while, or two moments (microseconds). */
export type Span = { last: string } | { fromUs: number | undefined; toUs: number | undefined };

/** The whiles that can be chosen, in microseconds. */
export const LAST: Readonly<Record<string, { label: string; us: number | undefined }>> = {
  '1h': { label: 'Last hour', us: 3_600e6 },
  '24h': { label: 'Last 24 hours', us: 86_400e6 },
  '7d': { label: 'Last 7 days', us: 7 * 86_400e6 },
  '30d': { label: 'Last 30 days', us: 30 * 86_400e6 },
  all: { label: 'All time', us: undefined },
};

const DEFAULT = 'all';

/** The span that an address tells: `last=24h`, or `from` and `to` as RFC 3339. */
export function readSpan(query: URLSearchParams): Span {
  const [from, to] = [readInstant(query.get('from')), readInstant(query.get('to'))];
  if (from !== undefined || to !== undefined) return { fromUs: from, toUs: to };
  const last = query.get('last') ?? DEFAULT;
  return { last: Object.hasOwn(LAST, last) ? last : DEFAULT };
}

/** The span as moments, which stay right when the address is sent to somebody. */
export function momentsOf(span: Span, nowUs: number): { from?: string; to?: string } {
  if ('last' in span) {
    const us = LAST[span.last]?.us;
    return us === undefined ? {} : { from: toInstant(nowUs - us), to: toInstant(nowUs) };
  }
  return {
    ...(span.fromUs === undefined ? {} : { from: toInstant(span.fromUs) }),
    ...(span.toUs === undefined ? {} : { to: toInstant(span.toUs) }),
  };
}

function readInstant(text: string | null): number | undefined {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?Z$/.exec(text ?? '');
  const whole = parseMoment(match?.[1] ?? '', 'UTC');
  return whole === undefined ? undefined : whole + Number((match?.[2] ?? '').padEnd(6, '0'));
}
