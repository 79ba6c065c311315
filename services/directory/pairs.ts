import { isInert } from '../../libs/freeswitch/inert-text.ts';
import type { TextMap } from '../../libs/snapshot/tables/domains.ts';

/** A param or variable of a reply. */
export type Pair = readonly [name: string, value: string];

const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;
const NONE: readonly Pair[] = [];

/**
 * The free pairs of an entry that may be answered. What would harm is refused when it is written; what is there all the
 * same (older rows, other writers) is left out here.
 */
export function freePairs(pairs: TextMap | null, isReserved: (name: string) => boolean): readonly Pair[] {
  if (pairs === null) return NONE;
  return Object.entries(pairs).filter(
    ([name, value]) => NAME.test(name) && !isReserved(name) && typeof value === 'string' && isInert(value),
  );
}

/** The later of two pairs of one name wins; names match case-insensitively. Absent values are left out. */
export function mergePairs(
  sources: readonly Iterable<readonly [string, string | null | undefined]>[],
): Iterable<Pair> {
  const merged = new Map<string, Pair>();
  for (const source of sources) {
    for (const [name, value] of source) {
      if (typeof value === 'string') merged.set(name.toLowerCase(), [name, value]);
    }
  }
  return merged.values();
}
