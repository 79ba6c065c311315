/** How often somebody may be asked, and how long we wait for the answer. */
export interface QuestionLimits {
  freshMs?: number;
  limitMs?: number;
}

/**
 * A figure that only somebody else knows (a database, a broker, a Kamailio), for metrics: asked when somebody looks, at
 * most once in `freshMs` and never twice at once. Undefined when there is no answer within `limitMs`, so that an
 * away server makes a metric disappear and no scrape fail.
 */
export function createQuestion<T>(
  ask: () => Promise<T>,
  { freshMs = 10_000, limitMs = 2_000 }: QuestionLimits = {},
): () => Promise<T | undefined> {
  let answered: { value: T; atMs: number } | undefined;
  let asking: Promise<T | undefined> | undefined;

  async function askAgain(): Promise<T | undefined> {
    try {
      const value = await ask();
      answered = { value, atMs: performance.now() };
      return value;
    } catch {
      // whoever works with that server says what is wrong with it
      answered = undefined;
      return undefined;
    } finally {
      asking = undefined;
    }
  }

  return async () => {
    if (answered !== undefined && performance.now() - answered.atMs < freshMs) return answered.value;
    asking ??= askAgain();
    return within(asking, limitMs);
  };
}

async function within<T>(answer: Promise<T | undefined>, limitMs: number): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), limitMs);
  timer.unref();
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
