import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGate } from '../../../services/cdr/gate.ts';

const MIB = 1024 * 1024;

test('large posts leave room to all others, and one that is larger than the room comes in alone', () => {
  const gate = createGate({ posts: 100, bytes: 64 * MIB });
  const large = [1, 2, 3, 4].map(() => gate.enter(16 * MIB));
  assert.deepEqual(
    large.map((leave) => leave !== undefined),
    [true, true, true, false],
  );
  assert.ok(gate.enter(15_000));
  assert.equal(gate.enter(2 * MIB), undefined);
  large[0]?.();
  assert.ok(gate.enter(15 * MIB));
  assert.ok(createGate({ posts: 1, bytes: 100 }).enter(MIB * 2));
});

test('a post of unknown size takes its room as it grows, and gives all of it back, once', () => {
  const gate = createGate({ posts: 3, bytes: 8 * MIB });
  const growing = [1, 2, 3].map(() => gate.enterGrowing(1_000) ?? assert.fail());
  const [first = assert.fail(), second = assert.fail(), third = assert.fail()] = growing;
  assert.equal(gate.enterGrowing(1_000), undefined, 'as many as may be');
  assert.ok(first.grow(5 * MIB));
  assert.equal(second.grow(2 * MIB), false, 'a large one leaves a quarter to the others');
  assert.ok(third.grow(MIB / 2), 'which a small one may take');
  assert.deepEqual([gate.posts, gate.bytes], [3, 3_000 + 5.5 * MIB]);
  first.leave();
  first.leave();
  assert.equal(first.grow(1), false, 'it is gone');
  assert.deepEqual([gate.posts, gate.bytes], [2, 2_000 + MIB / 2]);
  second.leave();
  assert.ok(third.grow(20 * MIB), 'one that is alone');
  third.leave();
  assert.deepEqual([gate.posts, gate.bytes], [0, 0]);
});
