import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coveredUntil, rangeOf, shiftRange } from '../../../libs/postgres/partition-range.ts';

const NOON = Date.UTC(2026, 10, 21, 12) * 1000;
const today = rangeOf('day', NOON);
const day = (count: number) => shiftRange('day', today, count);

test('covered until the first moment that has no partition, whatever lies behind the gap', () => {
  assert.equal(coveredUntil([day(1), today, day(3), day(-1)], NOON), day(1).toUs);
});

test('covered until now where the present itself has none', () => {
  assert.equal(coveredUntil([day(1), day(2)], NOON), NOON);
  assert.equal(coveredUntil([], NOON), NOON);
});
