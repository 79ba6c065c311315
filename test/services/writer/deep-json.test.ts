import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepJson } from '../../../services/writer/deep-json.ts';
import fc from '../../support/properties.ts';

test('writes JSON as JSON.stringify does', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.equal(deepJson(value), JSON.stringify(value));
    }),
  );
});

test('writes what is too deep for JSON.stringify', () => {
  const text = `${'{"a":['.repeat(200_000)}1${']}'.repeat(200_000)}`;
  assert.equal(deepJson(JSON.parse(text)), text);
});
