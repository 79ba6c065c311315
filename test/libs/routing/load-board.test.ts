import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateRing } from '../../../libs/routing/load/rate-ring.ts';
import { RecentCalls } from '../../../libs/routing/load/recent-calls.ts';
import fc from '../../support/properties.ts';
import { boardOf, loadOf, NOON_US } from '../../support/routing/lab-fleet.ts';

const SLOT_US = 100_000;

test('a ring counts what a list counts, to a tenth of a second', () => {
  const steps = fc.array(
    fc.record({ after: fc.integer({ min: 0, max: 900_000 }), since: fc.integer({ min: 0, max: 5_500_000 }) }),
    { maxLength: 80 },
  );
  fc.assert(
    fc.property(steps, (list) => {
      const ring = new RateRing();
      const times: number[] = [];
      let now = NOON_US;
      for (const { after, since } of list) {
        now += after;
        ring.add(now);
        times.push(now);
        const first = Math.floor((now - since) / SLOT_US) + 1;
        const expected = times.filter((at) => Math.floor(at / SLOT_US) >= first).length;
        assert.equal(ring.countSince(now - since, now), expected);
        assert.equal(ring.countSince(now - since, now), expected, 'asked again');
      }
      assert.equal(ring.countSince(now - 5_000_000, now + 10_000_000), 0);
    }),
  );
});

test('a clock that is set back closes nothing until it is that late again', () => {
  const board = boardOf([loadOf('fs01')]);
  for (let call = 0; call < 50; call += 1)
    board.assign({ callId: `${call}`, node: 'fs01', trunk: 't' }, NOON_US);
  const earlier = NOON_US - 10_000_000;
  assert.equal(board.trunkRate('t', earlier), 0);
  assert.equal(board.trunkChannels('t', earlier), 0);
  assert.equal(board.figures('fs01', earlier).rate, 0);
  board.assign({ callId: 'new', node: 'fs01', trunk: 't' }, earlier);
  assert.equal(board.trunkRate('t', earlier), 1);
  assert.equal(board.trunkRate('t', earlier + 2_000_000), 0);
});

test('after a clock was set back, or a collector whose clock is ahead, loads are heard and silent nodes are stale', () => {
  const hour = 3_600_000_000;
  const board = boardOf([
    loadOf('fs01', { at_us: NOON_US + hour, heartbeat_us: NOON_US + hour, sessions: 5 }),
    loadOf('fs02', { at_us: NOON_US + hour, heartbeat_us: NOON_US + hour, trunks: { world: 7 } }),
  ]);
  board.resume(NOON_US + hour);
  assert.equal(board.figures('fs02', NOON_US).freshness, 'fresh', 'nobody knows when it was heard');
  for (const seconds of [20, 40, 60]) {
    const at_us = NOON_US + seconds * 1_000_000;
    board.apply(loadOf('fs01', { at_us, heartbeat_us: at_us, sessions: seconds }));
    assert.equal(board.node('fs01')?.sessions, seconds);
  }
  const later = NOON_US + 61_000_000;
  assert.equal(board.figures('fs01', later).freshness, 'fresh');
  assert.equal(board.figures('fs02', later).freshness, 'stale');
  assert.equal(board.trunkChannels('world', later), 0);
});

test('loads of a clock that is set back are heard before anybody asks', () => {
  const board = boardOf([
    loadOf('fs01', { at_us: NOON_US, sessions: 5 }),
    loadOf('fs01', { at_us: NOON_US - 7_200_000_000, sessions: 9 }),
  ]);
  assert.equal(board.node('fs01')?.sessions, 9);
});

test('assignments that nobody confirms are forgotten after five seconds', () => {
  const board = boardOf([loadOf('fs01')]);
  board.assign({ callId: 'a', node: 'fs01' }, NOON_US);
  board.assign({ callId: 'a', node: 'fs01' }, NOON_US);
  board.assign({ callId: 'b', node: 'fs01' }, NOON_US);
  assert.equal(board.figures('fs01', NOON_US).pending, 2, 'a call that is asked about again counts once');
  assert.equal(board.figures('fs01', NOON_US + 5_200_000).pending, 0);
});

test('a trunk or room that is called like a property of every object has its own figures only', () => {
  const board = boardOf([loadOf('fs01', { trunks: { world: 2 }, pins: {} })]);
  for (const name of ['constructor', 'toString', 'valueOf']) {
    assert.equal(board.trunkChannels(name, NOON_US), 0);
    assert.equal(board.nodeOfPin(name, NOON_US), undefined);
  }
  assert.equal(board.trunkChannels('world', NOON_US), 2);
});

test('an older record of a node does not replace a younger one', () => {
  const board = boardOf([
    loadOf('fs01', { at_us: NOON_US, sessions: 5 }),
    loadOf('fs01', { at_us: NOON_US - 1, sessions: 9 }),
  ]);
  assert.equal(board.node('fs01')?.sessions, 5);
});

test('what callers name their calls fills no memory', () => {
  const before = process.memoryUsage().heapUsed;
  const calls = new RecentCalls<number>();
  for (let call = 0; call < 30_000; call += 1) calls.set(`${call} ${'x'.repeat(8_000)}`, call, NOON_US);
  assert.equal(calls.get(`29999 ${'x'.repeat(8_000)}`), 29_999);
  assert.ok(process.memoryUsage().heapUsed - before < 60_000_000);
});

test('remembered calls are bounded, and the last ones are among them', () => {
  const calls = new RecentCalls<number>();
  for (let call = 0; call < 200_000; call += 1) calls.set(`c${call}`, call, NOON_US);
  assert.equal(calls.get('c199999'), 199_999);
  assert.equal(calls.get('c190000'), 190_000);
  assert.equal(calls.get('c0'), undefined);
  const long = 'x'.repeat(8_000);
  calls.set(`${long}1`, 1, NOON_US);
  calls.set(`${long}2`, 2, NOON_US);
  assert.deepEqual([calls.get(`${long}1`), calls.get(`${long}2`), calls.get(long)], [1, 2, undefined]);
  calls.set('later', 1, NOON_US + 300_000_000);
  assert.equal(calls.get('c199999'), undefined);
});
