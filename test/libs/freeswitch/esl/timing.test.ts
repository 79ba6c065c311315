import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs } from '../../../../libs/freeswitch/esl/backoff.ts';
import { ClockOffset } from '../../../../libs/freeswitch/esl/clock-offset.ts';
import { Heartbeat } from '../../../../libs/freeswitch/esl/heartbeat.ts';
import { SilenceWatch } from '../../../../libs/freeswitch/esl/silence-watch.ts';

const SECOND = 1_000_000;

test('backoff doubles from 1 s to 30 s and spreads by a quarter', () => {
  const limits = { firstMs: 1_000, longestMs: 30_000 };
  const middle = [0, 1, 2, 3, 4, 5, 50, 5_000].map((attempt) => backoffMs(attempt, limits, () => 0.5));
  assert.deepEqual(middle, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  assert.equal(
    backoffMs(0, limits, () => 0),
    750,
  );
  assert.equal(
    backoffMs(5, limits, () => 1),
    37_500,
  );
});

test('the deadline is 2.5 intervals: 50 s unlearned, then what the heartbeats show', () => {
  const heartbeat = new Heartbeat();
  assert.equal(heartbeat.deadlineUs, 50 * SECOND);
  for (const second of [0, 5, 10, 15]) heartbeat.beat(1_795_000_000 * SECOND + second * SECOND);
  assert.equal(heartbeat.deadlineUs, 12.5 * SECOND);
});

test('a lost heartbeat makes the deadline longer until three came in time', () => {
  const heartbeat = new Heartbeat();
  for (const second of [0, 5, 10, 20]) heartbeat.beat(second * SECOND);
  assert.equal(heartbeat.intervalUs, 10 * SECOND);
  for (const second of [25, 30, 35]) heartbeat.beat(second * SECOND);
  assert.equal(heartbeat.intervalUs, 5 * SECOND);
});

test('a heartbeat that came twice or went back in time teaches nothing', () => {
  const heartbeat = new Heartbeat();
  for (const second of [0, 20, 20, 3]) heartbeat.beat(second * SECOND);
  assert.equal(heartbeat.intervalUs, 20 * SECOND);
});

test('the clock offset is that of the event that was on its way for the shortest time', () => {
  const offset = new ClockOffset();
  assert.equal(offset.us, undefined);
  for (const delay of [9_000, 300, 2_000_000]) offset.sample(1_000 * SECOND + 50_000, 1_000 * SECOND + delay);
  assert.equal(offset.us, 49_700);
});

test('a stepped clock is noticed within two windows', () => {
  const offset = new ClockOffset();
  offset.sample(1_000 * SECOND, 1_000 * SECOND);
  offset.sample(1_061 * SECOND - 3 * SECOND, 1_061 * SECOND);
  assert.equal(offset.us, 0);
  offset.sample(1_122 * SECOND - 3 * SECOND, 1_122 * SECOND);
  assert.equal(offset.us, -3 * SECOND);
});

test('a stepped clock of the node is noticed as soon after our own was set back', () => {
  const offset = new ClockOffset();
  offset.sample(10_000 * SECOND, 10_000 * SECOND);
  for (const second of [2_000, 2_061, 2_122]) offset.sample((second - 3) * SECOND, second * SECOND);
  assert.equal(offset.us, -3 * SECOND);
});

test('silence is told 50 s after a clock was set back by hours, not when it is that late again', () => {
  let nowUs = 10_000 * SECOND;
  let timer: { atUs: number; callback: () => void } | undefined;
  const clock = {
    nowUs: () => nowUs,
    after: (ms: number, callback: () => void) => {
      timer = { atUs: nowUs + ms * 1_000, callback };
      return () => undefined;
    },
    sleep: () => Promise.reject(new Error('nobody sleeps here')),
  };
  let silences = 0;
  new SilenceWatch(clock, new Heartbeat(), { onSilence: () => (silences += 1) });
  // What waits goes on waiting for as long: timers are not of this clock.
  if (timer !== undefined) timer.atUs -= 7_200 * SECOND;
  nowUs -= 7_200 * SECOND;
  const endUs = nowUs + 110 * SECOND;
  for (; nowUs < endUs; nowUs += SECOND) {
    const due = timer;
    if (due !== undefined && due.atUs <= nowUs) due.callback();
  }
  assert.ok(silences > 0);
});
