import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KnownTag, tagAfter } from '../../../../libs/freeswitch/cdr/known-tag.ts';

const MAX_KNOWN = 4_096;

function lengthFrom(first: KnownTag): number {
  let length = 0;
  for (let tag: KnownTag | undefined = first; tag !== undefined; tag = tag.next) length += 1;
  return length;
}

test('knows what followed a tag, and of names without end no more than its bound', () => {
  const first = tagAfter(undefined, 'variable-0');
  let tag = first;
  for (let i = 1; i < 2 * MAX_KNOWN; i += 1) {
    tag = tagAfter(tag, `variable-${i}`);
    assert.equal(tag.name, `variable-${i}`);
  }
  assert.equal(first.next, tagAfter(undefined, 'variable-1'));
  assert.equal(lengthFrom(first), MAX_KNOWN);
});
