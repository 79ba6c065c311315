/**
 * The time a service lives in. Passed in everywhere, so that a replay at twenty times the speed, or a
 * test that needs a minute to pass, changes no code.
 */
export interface Clock {
  /** Now, in microseconds since 1970-01-01 UTC: FreeSWITCH's own time base (Event-Date-Timestamp). */
  nowUs(): number;
  /** Calls back after `ms` milliseconds of this clock; returns a function that cancels it. */
  after(ms: number, callback: () => void): () => void;
  /** Resolves after `ms` milliseconds of this clock; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface ClockOptions {
  /** what the clock shows when it is made, ms since 1970 */
  start?: number | undefined;
  /** or: the real moment, ms since 1970, at which it left real time, so that clocks of several processes agree */
  began?: number | undefined;
  /** seconds of this clock in a real second (1) */
  rate?: number | undefined;
}

/** Makes the clock of a process: real time by default, shifted and sped up for replays. */
export function createClock({ start, began, rate = 1 }: ClockOptions = {}): Clock {
  const realMs = () => performance.timeOrigin + performance.now();
  const origin = began ?? realMs();
  const offset = (start ?? origin) - origin;
  const shifted = offset !== 0 || rate !== 1;
  const nowMs = shifted ? () => origin + offset + (realMs() - origin) * rate : () => Date.now();

  function after(ms: number, callback: () => void): () => void {
    const timer = setTimeout(callback, Math.max(0, ms / rate));
    return () => clearTimeout(timer);
  }

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = after(ms, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  return { nowUs: () => Math.round(nowMs() * 1000), after, sleep };
}
