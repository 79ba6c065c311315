import { RecentMap } from '../../../../libs/recall/recent-map.ts';

/** So many of the latest keys at least are known, and no more than twice as many. */
const REMEMBERED = 65_536;

/** What a run has taken lately: the store does not know it before the writer has stored it. */
export interface RecentKeys {
  /** Remembers a key. Gives whether it is new. */
  add(key: string): boolean;
}

export function createRecentKeys(): RecentKeys {
  const known = new RecentMap<true>({ entries: REMEMBERED });
  return {
    add: (key) => {
      if (known.get(key)) return false;
      known.set(key, true);
      return true;
    },
  };
}
