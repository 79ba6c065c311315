import type { Stoppable } from '../../libs/lifecycle/stoppable.ts';

/** Decides whether a lookup is answered now: Kamailio has another instance and a fallback, but no time. */
export interface Admission extends Stoppable {
  /** Why not; undefined: come in. */
  refusal(): 'overloaded' | undefined;
  /** Resolves when it is this lookup's turn; undefined: at once. */
  turn(): Promise<void> | undefined;
  /** How late the event loop was last, milliseconds. */
  readonly delayMs: number;
}

const TICK_MS = 25;

/** In a process of its own: the delay of the event loop tells how long a lookup waits before anybody sees it. */
export function createDelayAdmission(limitMs: number): Admission {
  let tickedAt = performance.now();
  let lastDelay = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    lastDelay = Math.max(0, now - tickedAt - TICK_MS);
    tickedAt = now;
  }, TICK_MS);
  timer.unref();
  const delayMs = () => Math.max(lastDelay, performance.now() - tickedAt - TICK_MS);
  return {
    refusal: () => (delayMs() > limitMs ? 'overloaded' : undefined),
    turn: () => undefined,
    get delayMs() {
      return delayMs();
    },
    stop: async () => clearInterval(timer),
  };
}

/** Lookups that are answered in one turn of the loop. */
const A_TURN = 32;

/**
 * In standalone others share the event loop, and their delays say nothing about lookups: a bounded queue decides, and
 * the loop is given back after every few answers.
 */
export function createQueueAdmission(limit: number): Admission {
  const waiting: (() => void)[] = [];
  let isScheduled = false;

  function serve(): void {
    isScheduled = false;
    for (const next of waiting.splice(0, A_TURN)) next();
    schedule();
  }

  function schedule(): void {
    if (isScheduled || waiting.length === 0) return;
    isScheduled = true;
    setImmediate(serve);
  }

  return {
    refusal: () => (waiting.length >= limit ? 'overloaded' : undefined),
    turn: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        schedule();
      }),
    delayMs: 0,
    stop: async () => {
      for (const next of waiting.splice(0)) next();
    },
  };
}
