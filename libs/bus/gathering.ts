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
