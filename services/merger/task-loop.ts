import type { Clock } from '../../libs/clock/clock.ts';
import type { Stoppable } from '../../libs/lifecycle/stoppable.ts';

export interface TaskLoopOptions {
  clock: Clock;
  intervalMs: number;
  run: () => Promise<void>;
  onFailure: (error: unknown) => void;
}

/** Runs a task again and again, never twice at once: `intervalMs` of the clock after the end of the last run. */
export function startTaskLoop({ clock, intervalMs, run, onFailure }: TaskLoopOptions): Stoppable {
  let isStopping = false;
  let cancel: (() => void) | undefined;
  let running: Promise<void> = Promise.resolve();
  const next = () => {
    cancel = clock.after(intervalMs, () => {
      running = run()
        .catch(onFailure)
        .then(() => {
          if (!isStopping) next();
        });
    });
  };
  next();
  return {
    stop: async () => {
      isStopping = true;
      cancel?.();
      await running;
    },
  };
}
