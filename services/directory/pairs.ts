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
    ([name, value]) =>
      NAME.test(name) && isInert(name) && !isReserved(name) && typeof value === 'string' && isInert(value),
  );
}

type OptionalPair = readonly [string, string | null | undefined];

/** The later of two pairs of one name wins; names match case-insensitively. `ours` come last; absent ones are left out. */
export function mergePairs(
  free: readonly (readonly Pair[])[],
  ours: readonly OptionalPair[],
): Iterable<Pair> {
  const present = ours.filter((pair): pair is Pair => typeof pair[1] === 'string');
  if (free.every((pairs) => pairs.length === 0)) return present;
  const merged = new Map<string, Pair>();
  for (const pairs of [...free, present]) {
    for (const pair of pairs) merged.set(pair[0].toLowerCase(), pair);
  }
  return merged.values();
}
