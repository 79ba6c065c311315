import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tellValue } from '../../../console/parts/told-value.ts';

test('a value is told as people read it', () => {
  for (const nothing of [null, undefined, '', []]) assert.equal(tellValue(nothing), '–');
  assert.deepEqual([true, false, 0, 'x'].map(tellValue), ['yes', 'no', '0', 'x']);
  assert.equal(tellValue(['1001', '1002']), '1001, 1002');
  assert.equal(tellValue({ timezone: 'UTC' }), '{"timezone":"UTC"}');
});
