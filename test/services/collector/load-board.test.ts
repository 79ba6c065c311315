import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { NodeLoad } from '../../../libs/records/node-load.ts';
import { TOPICS } from '../../../libs/records/topics.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { LoadBoard } from '../../../services/collector/load-board.ts';
import { recordingBus } from '../../support/recording-bus.ts';
import { loadOf } from '../../support/routing/lab-fleet.ts';

/** A clock whose time passes when it is told to. */
function handClock(startMs: number) {
  let nowMs = startMs;
  const timers = new Set<{ at: number; callback: () => void }>();
  return {
    nowUs: () => nowMs * 1000,
    after: (ms: number, callback: () => void) => {
      const timer = { at: nowMs + ms, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    sleep: () => Promise.reject(new Error('nobody sleeps here')),
    /** Somebody sets it; what waits goes on waiting for as long. */
    set: (ms: number) => {
      for (const timer of timers) timer.at += ms - nowMs;
      nowMs = ms;
    },
    pass: async (ms: number) => {
      nowMs += ms;
      for (const timer of [...timers].filter(({ at }) => at <= nowMs)) {
        timers.delete(timer);
        timer.callback();
      }
      await turn();
    },
  };
}

function openBoard() {
  const [bus, clock] = [recordingBus(), handClock(1_000_000)];
  const failures: number[] = [];
  const logger = createLogger({ service: 'collector', level: 'silent' });
  const board = new LoadBoard({ bus, clock, logger, onFailure: () => failures.push(1) });
  const told = () => bus.values<NodeLoad>(TOPICS.load).map(({ node, sessions }) => `${node} ${sessions}`);
  return { board, bus, clock, failures, told };
}

test('loads that change all the time are published every 250 ms, with their newest figures', async () => {
  const { board, clock, told } = openBoard();
  let sessions = 0;
  for (let step = 0; step < 100; step += 1) {
    sessions += 1;
    board.mark('fs01', () => loadOf('fs01', { sessions }));
    await clock.pass(10);
  }
  assert.ok(told().length >= 4 && told().length <= 5, `${told().length} in a second`);
  await clock.pass(250);
  assert.equal(told().at(-1), 'fs01 100');
  const settled = told().length;
  await clock.pass(10_000);
  assert.equal(told().length, settled, 'nothing changed, nothing is said');
});

test('of a node that is followed here no more nothing is told, also when the bus refused it before', async () => {
  const { board, bus, clock, told } = openBoard();
  const mark = (node: string) => board.mark(node, () => loadOf(node, { sessions: 1 }));
  bus.isAway = true;
  for (const node of ['fs01', 'fs02', 'fs03']) mark(node);
  const published = clock.pass(250);
  board.forget('fs01');
  await published;
  board.forget('fs02');
  bus.isAway = false;
  mark('fs04');
  await clock.pass(250);
  assert.deepEqual(told().toSorted(), ['fs03 1', 'fs04 1']);
  await board.stop();
});

test('nodes that changed meanwhile go out together; what a bus refused goes with the next change', async () => {
  const { board, bus, clock, failures, told } = openBoard();
  const mark = (node: string, sessions: number) => board.mark(node, () => loadOf(node, { sessions }));
  bus.isAway = true;
  mark('fs01', 1);
  mark('fs03', 3);
  await clock.pass(250);
  assert.deepEqual([told(), failures.length], [[], 1]);
  bus.isAway = false;
  await clock.pass(10_000);
  assert.deepEqual(told(), [], 'nobody hammers a bus that is away');
  mark('fs01', 2);
  mark('fs02', 7);
  await clock.pass(250);
  assert.deepEqual(told().toSorted(), ['fs01 2', 'fs02 7', 'fs03 3']);
  mark('fs02', 8);
  await clock.pass(250);
  assert.deepEqual(told().slice(3), ['fs02 8']);
  await board.stop();
});

test('a clock that is set back does not keep loads until it is that late again', async () => {
  const { board, clock, told } = openBoard();
  board.mark('fs01', () => loadOf('fs01', { sessions: 1 }));
  await clock.pass(250);
  clock.set(1_000);
  board.mark('fs01', () => loadOf('fs01', { sessions: 2 }));
  await clock.pass(250);
  assert.deepEqual(told(), ['fs01 1', 'fs01 2']);
});
