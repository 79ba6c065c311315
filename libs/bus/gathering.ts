import { setImmediate as nextTurn } from 'node:timers/promises';

/** Lets a publisher wait for company. */
export interface Gathering {
  /** Tells how many records wait now. */
  tell(waiting: number): void;
  /** Resolves when `tell` says that so many wait, at the latest after `limitMs`. */
  wait(records: number, limitMs: number): Promise<void>;
}

/** Makes a gathering for one publisher, which waits for one thing at a time. */
export function createGathering(): Gathering {
  let wanted = Number.POSITIVE_INFINITY;
  let enough: () => void = () => undefined;
  return {
    tell: (waiting) => {
      if (waiting >= wanted) enough();
    },
    wait: async (records, limitMs) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, limitMs);
      wanted = records;
      enough = resolve;
      await promise;
      clearTimeout(timer);
      wanted = Number.POSITIVE_INFINITY;
    },
  };
}

/** Records that were announced and are not here yet. */
export interface Announcements {
  readonly coming: number;
  /** One more is on its way, until what it gives is called (once or more). */
  announce(): () => void;
}

/** Makes a count of announced records. */
export function createAnnouncements(): Announcements {
  let coming = 0;
  return {
    get coming() {
      return coming;
    },
    announce: () => {
      coming += 1;
      let isHere = false;
      return () => {
        if (!isHere) coming -= 1;
        isHere = true;
      };
    },
  };
}

/** Who publishes side by side, as a publisher knows it. */
export interface Crowd {
  /** records that wait now */
  waiting(): number;
  /** records that were announced and are not here yet */
  coming(): number;
  /** whether more would not go with those that wait */
  isFull(): boolean;
}

export interface Patience {
  /** no need to wait once so many wait */
  wanted: number;
  longestMs: number;
  /** so long without a new one, and none announced: nobody comes any more */
  lullMs: number;
}

/** Waits for a crowd to come together: not for longer than is said, and not once nobody comes any more. */
export async function untilTogether(
  gathering: Gathering,
  { waiting, coming, isFull }: Crowd,
  { wanted, longestMs, lullMs }: Patience,
): Promise<void> {
  const began = performance.now();
  const isShort = () => waiting() < wanted && !isFull() && performance.now() - began < longestMs;
  for (let seen = -1; isShort() && (waiting() > seen || coming() > 0); ) {
    seen = waiting();
    await gathering.wait(wanted, lullMs);
    // What came while this process did not run is read first.
    await nextTurn();
  }
}
