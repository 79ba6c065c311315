import type { Message } from './message.ts';
import type { Moment } from './moment.ts';

/**
 * Moments as they happened: by microsecond, in the clocks of their servers; of one microsecond what causes comes before what
 * it causes: sent before received, and on one server by its own count of events.
 */
export function inOrder(moments: readonly Moment[], messages: readonly Message[]): Moment[] {
  const received = new Set(
    messages.flatMap((message) => (message.sent === undefined ? [] : [message.received?.key])),
  );
  const rank = ({ key }: Moment) => (received.has(key) ? 1 : 0);
  return moments.toSorted((a, b) => {
    if (a.atUs !== b.atUs) return a.atUs - b.atUs;
    if (a.node === b.node && a.sequence !== b.sequence) return a.sequence - b.sequence;
    return rank(a) - rank(b) || compare(a.key, b.key);
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
