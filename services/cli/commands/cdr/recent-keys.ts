/** So many of the latest keys at least are known, and no more than twice as many. */
const REMEMBERED = 65_536;

/** What a run has taken lately: the store does not know it before the writer has stored it. */
export interface RecentKeys {
  /** Remembers a key. Gives whether it is new. */
  add(key: string): boolean;
}

export function createRecentKeys(): RecentKeys {
  let latest = new Set<string>();
  let before = new Set<string>();
  return {
    add: (key) => {
      if (latest.has(key) || before.has(key)) return false;
      latest.add(key);
      if (latest.size >= REMEMBERED) {
        before = latest;
        latest = new Set();
      }
      return true;
    },
  };
}
