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
