import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drain } from '../../../services/merger/drain.ts';

test('a step is repeated while its batches are full', async () => {
  const counts = [10, 10, 3, 10];
  assert.equal(await drain(async () => counts.shift() ?? 0, 10), 23);
  assert.deepEqual(counts, [10]);
});

test('when its time is over the rest is left to the next run', async () => {
  let steps = 0;
  const endless = async () => {
    steps += 1;
    return 10;
  };
  assert.equal(await drain(endless, 10, 0), 10);
  assert.equal(steps, 1);
});

test('a step that fails ends it', async () => {
  await assert.rejects(
    drain(async () => {
      throw new Error('away');
    }, 10),
    /away/,
  );
});
