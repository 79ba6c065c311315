import assert from 'node:assert/strict';
import { test } from 'node:test';
import { homerAddress } from '../../../console/call/homer.ts';

test('a link to Homer holds the Call-ID as a value, and is none of another protocol', () => {
  const about = { call: { start_us: 100_000_000_000, end_us: 101_000_000_000 }, callId: 'a&b=$&@x' };
  const template = 'https://homer.test/?id={call_id}&from={from_ms}&to={to_ms}';
  assert.equal(
    homerAddress(template, about),
    'https://homer.test/?id=a%26b%3D%24%26%40x&from=99940000&to=101060000',
  );
  assert.equal(homerAddress('javascript:alert(1)//{call_id}', about), undefined);
  assert.equal(homerAddress(null, about), undefined);
});
