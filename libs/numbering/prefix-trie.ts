/**
 * A set of values by digit prefix that never changes: putting one in gives a new trie which shares all but the path to
 * it. So a reader keeps a consistent trie for as long as it likes, and a change costs one path, however big the trie.
 */
export interface PrefixTrie<V> {
  /** the value whose prefix ends here */
  readonly value: V | undefined;
  /** by digit 0–9; undefined where nothing follows */
  readonly branches: readonly (PrefixTrie<V> | undefined)[] | undefined;
}

const EMPTY: PrefixTrie<never> = Object.freeze({ value: undefined, branches: undefined });
const ZERO = 48;

/** The trie without any prefix. */
export function emptyTrie<V>(): PrefixTrie<V> {
  return EMPTY;
}

/** The trie with `value` at `prefix` (digits only, may be empty), or without the prefix when `value` is undefined. */
export function withPrefix<V>(trie: PrefixTrie<V>, prefix: string, value: V | undefined): PrefixTrie<V> {
  return withPrefixAt(trie, prefix, { value, depth: 0 }) ?? EMPTY;
}

function withPrefixAt<V>(
  trie: PrefixTrie<V> | undefined,
  prefix: string,
  { value, depth }: { value: V | undefined; depth: number },
): PrefixTrie<V> | undefined {
  if (depth === prefix.length) return nodeOf(value, trie?.branches);
  const digit = prefix.charCodeAt(depth) - ZERO;
  if (!(digit >= 0 && digit <= 9)) throw new RangeError(`prefix ${JSON.stringify(prefix)} is not digits`);
  const branch = withPrefixAt(trie?.branches?.[digit], prefix, { value, depth: depth + 1 });
  return nodeOf(trie?.value, replaceBranch(trie?.branches, digit, branch));
}

function replaceBranch<V>(
  branches: PrefixTrie<V>['branches'],
  digit: number,
  branch: PrefixTrie<V> | undefined,
): PrefixTrie<V>['branches'] {
  if (branch === undefined && branches?.[digit] === undefined) return branches;
  // Only as long as its highest digit needs: most nodes have one branch.
  const copy = branches === undefined ? [] : branches.slice();
  while (copy.length <= digit) copy.push(undefined);
  copy[digit] = branch;
  return copy.some((candidate) => candidate !== undefined) ? copy : undefined;
}

function nodeOf<V>(value: V | undefined, branches: PrefixTrie<V>['branches']): PrefixTrie<V> | undefined {
  return value === undefined && branches === undefined ? undefined : { value, branches };
}

/** The values of every prefix of `digits`, the longest prefix first. */
export function prefixesOf<V>(trie: PrefixTrie<V>, digits: string): V[] {
  const found: V[] = [];
  let node: PrefixTrie<V> | undefined = trie;
  for (let depth = 0; node !== undefined; depth += 1) {
    if (node.value !== undefined) found.push(node.value);
    if (depth === digits.length) break;
    node = node.branches?.[digits.charCodeAt(depth) - ZERO];
  }
  return found.reverse();
}

/** The value of exactly this prefix. */
export function valueAt<V>(trie: PrefixTrie<V>, prefix: string): V | undefined {
  let node: PrefixTrie<V> | undefined = trie;
  for (let depth = 0; depth < prefix.length && node !== undefined; depth += 1) {
    node = node.branches?.[prefix.charCodeAt(depth) - ZERO];
  }
  return node?.value;
}
