import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGathering, untilTogether } from '../../../libs/bus/gathering.ts';

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

/** A crowd of which `waiting` and `coming` are what they are set to. */
function createCrowd() {
  const state = { waiting: 0, coming: 0, isFull: false };
  const gathering = createGathering();
  const crowd = {
    waiting: () => state.waiting,
    coming: () => state.coming,
    isFull: () => state.isFull,
  };
  const together = (wanted: number) =>
    untilTogether(gathering, crowd, { wanted, longestMs: LONG_MS, lullMs: 1 });
  return { state, gathering, together };
}

test('a crowd is together when so many wait, or when no more would go with them', async () => {
  const { state, gathering, together } = createCrowd();
  state.coming = 2;
  let isOver = false;
  const gathered = together(2).then(() => {
    isOver = true;
  });
  state.waiting = 1;
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(isOver, false, 'one was announced, and is waited for longer than a lull');
  state.waiting = 2;
  gathering.tell(2);
  await gathered;
  state.waiting = 0;
  state.isFull = true;
  await together(2);
});

test('nobody is waited for who was not announced and does not come', async () => {
  const { state, together } = createCrowd();
  state.waiting = 1;
  await together(3);
});
