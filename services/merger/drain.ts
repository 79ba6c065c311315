/** Longer than this no task works at a stretch: what is left comes with its next run, and a stop waits no longer. */
const LIMIT_MS = 5_000;

/** Repeats a step that takes at most `batch` things for as long as it takes that many. Returns how many in all. */
export async function drain(step: () => Promise<number>, batch: number, limitMs = LIMIT_MS): Promise<number> {
  const until = performance.now() + limitMs;
  let total = 0;
  for (;;) {
    const count = await step();
    total += count;
    if (count < batch || performance.now() >= until) return total;
  }
}
