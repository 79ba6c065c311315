import type { Clock } from '../../../../../libs/clock/clock.ts';
import { factsOf, type SpooledFile } from './spooled-file.ts';

/** What a look at the folder came to. */
export interface Look {
  /** files of which the service said what became of them */
  taken: number;
  /** whether it ended with an error */
  isFailed: boolean;
}

/**
 * Who waits after a post that failed. A file that the service does not take waits longer each time, and nobody waits for
 * it; only a service that is away has the whole folder wait.
 */
export interface Backoff {
  /** Whether a file may be posted now. */
  isDue(file: SpooledFile): boolean;
  /** Notes that a file was not taken, whatever the service said or did not say: one that breaks it gets no answer. */
  failed(file: SpooledFile): void;
  /** Ends a look; gives how long to wait for the next one, ms. */
  pauseAfter(look: Look): number;
}

interface Waiting {
  failures: number;
  dueUs: number;
}

const LOOK_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;
/** What was not tried for so long is gone. */
const FORGOTTEN_US = 10 * LONGEST_PAUSE_MS * 1000;
/** So many files that are refused again and again are no fault of the files. */
const MOST_ODD = 64;

const pauseOf = (failures: number) => Math.min(LONGEST_PAUSE_MS, LOOK_MS * 2 ** Math.min(failures, 10));

/** Makes the memory of one folder's failures; it is gone with the process. */
export function createBackoff(clock: Clock): Backoff {
  const waiting = new Map<string, Waiting>();
  /** looks one after another to which the service was away */
  let away = 0;
  /** in this look: how many files failed again, and whether one did for the first time */
  let old = 0;
  let isNew = false;

  return {
    isDue: (file) => (waiting.get(factsOf(file))?.dueUs ?? 0) <= clock.nowUs(),
    failed: (file) => {
      const failures = (waiting.get(factsOf(file))?.failures ?? 0) + 1;
      if (failures > 1) old += 1;
      else isNew = true;
      waiting.set(factsOf(file), { failures, dueUs: clock.nowUs() + pauseOf(failures) * 1000 });
    },
    pauseAfter: ({ taken, isFailed }) => {
      // A few that were refused before say nothing of the service: one that takes nothing else either is away.
      const isOdd = !isNew && old > 0 && old < MOST_ODD;
      const isAway = isFailed && taken === 0 && !isOdd;
      // What was refused by a service that was away is worth a try at once.
      if (taken > 0 && away > 0) waiting.clear();
      away = isAway ? away + 1 : 0;
      old = 0;
      isNew = false;
      for (const [facts, { dueUs }] of waiting)
        if (dueUs + FORGOTTEN_US < clock.nowUs()) waiting.delete(facts);
      return pauseOf(away);
    },
  };
}
