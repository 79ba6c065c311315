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
  /** Notes that the service does not take a file for its size: a long while. */
  refused(file: SpooledFile): void;
  /** Whether a file or a folder may be looked at now. */
  mayRead(name: string): boolean;
  /** Notes that a file or a folder could not be read; that says nothing of the service. */
  unread(name: string): void;
  /** Ends a look; gives how long to wait for the next one, ms. */
  pauseAfter(look: Look): number;
}

/** What waits for another try, each thing by its own name. */
interface Pauses {
  isOver(name: string): boolean;
  /** Begins another pause. Gives how many there were, this one counted. */
  add(name: string): number;
  clear(): void;
  forgetOld(): void;
}

const LOOK_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;
/** One that is too large is taken only when somebody changes the service. */
const REFUSED_PAUSE_MS = 3_600_000;
/** What was not tried for so long is gone. */
const FORGOTTEN_US = 10 * LONGEST_PAUSE_MS * 1000;
/** So many files that are refused again and again are no fault of the files. */
const MOST_ODD = 64;

const pauseOf = (failures: number) => Math.min(LONGEST_PAUSE_MS, LOOK_MS * 2 ** Math.min(failures, 10));

function createPauses(clock: Clock, pauseMs: (failures: number) => number): Pauses {
  const waiting = new Map<string, { failures: number; dueUs: number }>();
  return {
    isOver: (name) => (waiting.get(name)?.dueUs ?? 0) <= clock.nowUs(),
    add: (name) => {
      const failures = (waiting.get(name)?.failures ?? 0) + 1;
      waiting.set(name, { failures, dueUs: clock.nowUs() + pauseMs(failures) * 1000 });
      return failures;
    },
    clear: () => waiting.clear(),
    forgetOld: () => {
      for (const [name, { dueUs }] of waiting) if (dueUs + FORGOTTEN_US < clock.nowUs()) waiting.delete(name);
    },
  };
}

/** Makes the memory of one folder's failures; it is gone with the process. */
export function createBackoff(clock: Clock): Backoff {
  const posts = createPauses(clock, pauseOf);
  const refusals = createPauses(clock, () => REFUSED_PAUSE_MS);
  const reads = createPauses(clock, pauseOf);
  /** looks one after another to which the service was away */
  let away = 0;
  /** in this look: how many files failed again, and whether one did for the first time */
  let old = 0;
  let isNew = false;

  return {
    isDue: (file) => posts.isOver(factsOf(file)) && refusals.isOver(factsOf(file)),
    failed: (file) => {
      if (posts.add(factsOf(file)) > 1) old += 1;
      else isNew = true;
    },
    refused: (file) => void refusals.add(factsOf(file)),
    mayRead: (name) => reads.isOver(name),
    unread: (name) => void reads.add(name),
    pauseAfter: ({ taken, isFailed }) => {
      // A few that were refused before say nothing of the service: one that takes nothing else either is away.
      const isOdd = !isNew && old > 0 && old < MOST_ODD;
      const isAway = isFailed && taken === 0 && !isOdd;
      // What was refused by a service that was away is worth a try at once.
      if (taken > 0 && away > 0) posts.clear();
      away = isAway ? away + 1 : 0;
      old = 0;
      isNew = false;
      for (const pauses of [posts, refusals, reads]) pauses.forgetOld();
      return pauseOf(away);
    },
  };
}
