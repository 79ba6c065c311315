/** A wait that others can cut short. */
export interface Waker {
  /** Ends the current wait, or the next one when nobody waits. */
  wake(): void;
  /** Resolves after `ms` milliseconds, or when woken or stopped. */
  wait(ms: number): Promise<void>;
  stop(): void;
  readonly isStopped: boolean;
}

export function createWaker(): Waker {
  let isWoken = false;
  let isStopped = false;
  let resume: (() => void) | undefined;

  function wake(): void {
    isWoken = true;
    resume?.();
  }

  function wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        resume = undefined;
        isWoken = false;
        resolve();
      };
      const timer = setTimeout(done, ms);
      resume = done;
      if (isWoken || isStopped) done();
    });
  }

  return {
    wake,
    wait,
    stop: () => {
      isStopped = true;
      wake();
    },
    get isStopped() {
      return isStopped;
    },
  };
}
