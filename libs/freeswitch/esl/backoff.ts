export interface Backoff {
  firstMs: number;
  longestMs: number;
}

/**
 * Milliseconds to wait before repetition `attempt` (0 is the first): doubles up to the longest, and a random quarter is added
 * or taken off, so that a fleet that lost its network does not come back in one moment.
 */
export function backoffMs(
  attempt: number,
  { firstMs, longestMs }: Backoff,
  random: () => number = Math.random,
): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 30));
  return Math.round(full * (0.75 + random() / 2));
}
