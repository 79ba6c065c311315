/** A rest that lasts longer is the machine's: it stood still, and nothing could happen meanwhile. */
const LONGEST_REST_MS = 50;

/**
 * Resolves when `condition` holds; asks again every 10 ms. A machine that stands still, as a busy one does for a second now
 * and then, costs nothing of the time. @throws Error naming `what` when it still does not after `ms`
 */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  ms = 30_000,
): Promise<void> {
  for (let waitedMs = 0; ; ) {
    const asked = performance.now();
    if (await condition()) return;
    const resting = performance.now();
    waitedMs += resting - asked;
    if (waitedMs > ms) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
    waitedMs += Math.min(performance.now() - resting, LONGEST_REST_MS);
  }
}
