import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasWord, toggleWord } from '../../../console/calls/facet-words.ts';

test('a word is added to a search once, and taken away again', () => {
  assert.equal(toggleWord('8122000', 'failed'), '8122000 failed');
  assert.equal(toggleWord('8122000 FAILED', 'failed'), '8122000');
  const quoted = 'trunk:"a b"';
  assert.ok(hasWord(`x ${quoted}`, quoted));
  assert.equal(toggleWord(`x ${quoted} y`, quoted), 'x y');
});
