/** Before this (2005-01-01) there was no FreeSWITCH: such a leg comes from a machine whose clock was not set, and is kept. */
const FIRST_US = 1_104_537_600_000_000;

/** Legs that began before this month (µs) have been dropped, and are not made again. */
export function keptFromUs(nowUs: number, months: number): number {
  const now = new Date(nowUs / 1000);
  const from = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1) * 1000;
  return Math.max(0, from);
}

/** Whether a leg that began at `startUs` is past the retention that begins at `fromUs`. */
export function isExpired(startUs: number, fromUs: number): boolean {
  return startUs < fromUs && startUs >= FIRST_US;
}
