import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Json } from '../../../../libs/bus/postgres/json.ts';

test('what is no JSON is delivered as its text, and holds up nothing', () => {
  assert.deepEqual(new Json('{"v":1}').value, { v: 1 });
  assert.equal(new Json(Buffer.from('{"v":')).value, '{"v":');
});
