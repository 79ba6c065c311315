import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  emptyTrie,
  type PrefixTrie,
  prefixesOf,
  valueAt,
  withPrefix,
} from '../../../libs/numbering/prefix-trie.ts';
import fc from '../../support/properties.ts';

const prefix = fc.stringMatching(/^[0-3]{0,5}$/);
const number = fc.stringMatching(/^[0-3]{0,8}$/);
/** Puts and removals in any order; few digits, so that they meet often. */
const changes = fc.array(fc.tuple(prefix, fc.option(fc.nat(), { nil: undefined })), { maxLength: 60 });

function apply(list: readonly (readonly [string, number | undefined])[]) {
  let trie: PrefixTrie<number> = emptyTrie();
  const plain = new Map<string, number>();
  for (const [key, value] of list) {
    trie = withPrefix(trie, key, value);
    if (value === undefined) plain.delete(key);
    else plain.set(key, value);
  }
  return { trie, plain };
}

test('the trie finds what looking at every prefix finds, the longest first', () => {
  fc.assert(
    fc.property(changes, number, (list, digits) => {
      const { trie, plain } = apply(list);
      const expected = [...plain]
        .filter(([key]) => digits.startsWith(key))
        .sort(([left], [right]) => right.length - left.length)
        .map(([, value]) => value);
      assert.deepEqual(prefixesOf(trie, digits), expected);
      assert.equal(valueAt(trie, digits), plain.get(digits));
    }),
    { numRuns: 2_000 },
  );
});

test('a change leaves the trie that a reader holds as it was', () => {
  fc.assert(
    fc.property(changes, prefix, number, (list, key, digits) => {
      const { trie } = apply(list);
      const before = prefixesOf(trie, digits);
      withPrefix(trie, key, 1);
      withPrefix(trie, key, undefined);
      assert.deepEqual(prefixesOf(trie, digits), before);
    }),
  );
});

test('nothing is left of a trie whose prefixes were all removed', () => {
  fc.assert(
    fc.property(changes, (list) => {
      const { trie, plain } = apply(list);
      let rest = trie;
      for (const key of plain.keys()) rest = withPrefix(rest, key, undefined);
      assert.deepEqual(rest, emptyTrie());
    }),
  );
});

test('a prefix that is not digits is refused', () => {
  assert.throws(() => withPrefix(emptyTrie<number>(), '4a', 1), RangeError);
});
