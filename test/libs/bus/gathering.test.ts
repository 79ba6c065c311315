import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGathering } from '../../../libs/bus/gathering.ts';

const LONG_MS = 30_000;

test('waits until so many wait, and no longer', async () => {
  const gathering = createGathering();
  let isOver = false;
  const waiting = gathering.wait(3, LONG_MS).then(() => {
    isOver = true;
  });
  gathering.tell(1);
  gathering.tell(2);
  await new Promise(setImmediate);
  assert.equal(isOver, false);
  gathering.tell(3);
  await waiting;
});

test('gives up after its time, and can be used again', async () => {
  const gathering = createGathering();
  await gathering.wait(2, 1);
  const again = gathering.wait(2, LONG_MS);
  gathering.tell(5);
  await again;
});
