const MOST_TRIES = 5;

/**
 * How long work takes, ms: of several tries the fastest, until one takes less than `limitMs`. One is slow where the machine is
 * busy with other tests; what is slow by itself is slow in each.
 */
export async function fastestMs(limitMs: number, work: () => Promise<void>): Promise<number> {
  let fastest = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < MOST_TRIES && fastest >= limitMs; tries += 1) {
    const began = performance.now();
    await work();
    fastest = Math.min(fastest, performance.now() - began);
  }
  return fastest;
}
