import { isInert } from '../../libs/freeswitch/inert-text.ts';
import type { OptionalPair } from '../../libs/freeswitch/xml/element.ts';
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
  if (pairs === null || isEmpty(pairs)) return NONE;
  return Object.entries(pairs).filter(
    ([name, value]) =>
      NAME.test(name) && isInert(name) && !isReserved(name) && typeof value === 'string' && isInert(value),
  );
}

function isEmpty(pairs: TextMap): boolean {
  for (const _name in pairs) return false;
  return true;
}

/** The later of two pairs of one name wins; names match case-insensitively. `ours` come last; an absent one wins nothing. */
export function mergePairs(
  free: readonly (readonly Pair[])[],
  ours: readonly OptionalPair[],
): Iterable<OptionalPair> {
  if (free.every((pairs) => pairs.length === 0)) return ours;
  const merged = new Map<string, OptionalPair>();
  for (const pairs of free) for (const pair of pairs) merged.set(pair[0].toLowerCase(), pair);
  for (const pair of ours) if (typeof pair[1] === 'string') merged.set(pair[0].toLowerCase(), pair);
  return merged.values();
}

/** An entry that may have free pairs: a domain, a group or a user. */
interface Entry {
  params: TextMap | null;
  variables: TextMap | null;
}

/** The free pairs of entries, those that count most last; most entries have none. */
export function allFreePairs(
  entries: readonly Entry[],
  kind: keyof Entry,
  isReserved: (name: string) => boolean,
): (readonly Pair[])[] {
  return entries.map((entry) => freePairs(entry[kind], isReserved)).filter(({ length }) => length > 0);
}
