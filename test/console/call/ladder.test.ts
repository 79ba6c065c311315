import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallDetail } from '../../../console/api/contract.ts';
import type { LegEvent } from '../../../console/api/shapes.ts';
import { type Ladder, layOut } from '../../../console/call/ladder/layout.ts';
import { GROUPS } from '../../../console/call/ladder/moment.ts';
import { CROSS, call, event, leg } from './stored-call.ts';

const ALL = new Set(GROUPS);
const SIGNALS = new Set(['signalling'] as const);

/** `caller → fs01`: which columns an arrow joins. */
function arrowsOf({ arrows, columns }: Ladder): string[] {
  const columnAt = (x: number) =>
    columns.find((column) => Math.abs(column.x - x) <= column.width / 2)?.label ?? '?';
  return arrows.map(({ kind, x1, x2 }) => `${kind} ${columnAt(x1)} → ${columnAt(x2)}`);
}

const wordsOf = ({ rows }: Ladder) => rows.map(({ moment, words }) => `${moment.node} ${words}`);

test('a call over two servers: who called whom, who answered, who hung up', () => {
  const ladder = layOut(CROSS, CROSS.timeline, SIGNALS);
  assert.deepEqual(
    ladder.columns.map(({ kind, label }) => `${kind} ${label}`),
    ['party 15550100', 'node fs01', 'node fs02'],
  );
  assert.deepEqual(arrowsOf(ladder).toSorted(), [
    'answer fs01 → 15550100',
    'answer fs02 → fs01',
    'create 15550100 → fs01',
    'create fs01 → fs02',
    'hangup fs01 → 15550100',
    'hangup fs02 → fs01',
  ]);
  assert.equal(ladder.lifelines.length, 3);
  assert.ok(ladder.lifelines.every(({ end }) => end === 'hangup'));
  assert.equal(wordsOf(ladder).at(-1), 'fs01 hangs up NORMAL_CLEARING');
  assert.ok(wordsOf(ladder).includes('fs02 is called 2000'));
});

test("rows stand in the order of the servers' own clocks; what the clocks contradict is said and marked, not corrected", () => {
  const ladder = layOut(CROSS, CROSS.timeline, ALL);
  const times = ladder.rows.map(({ moment }) => moment.atUs);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  const told = new Set([...CROSS.timeline.map(({ at_us }) => at_us)]);
  assert.ok(times.every((time) => told.has(time)));

  // fs02 says it was called 5.8 ms before fs01 says it called
  const [outbound, inbound] = [CROSS.legs[1], CROSS.legs[2]];
  const atLeastUs = (outbound?.start_us ?? 0) - (inbound?.start_us ?? 0);
  assert.ok(atLeastUs > 0);
  assert.deepEqual(ladder.skews, [{ ahead: 'fs01', behind: 'fs02', atLeastUs }]);
  const against = ladder.arrows.filter(({ isAgainstTime }) => isAgainstTime);
  assert.deepEqual(
    against.map(({ kind, y1, y2 }) => [kind, y2 < y1]),
    [['create', true]],
  );
});

test('what is hidden is counted, what is shown has a row of its own', () => {
  const all = layOut(CROSS, CROSS.timeline, ALL);
  const few = layOut(CROSS, CROSS.timeline, SIGNALS);
  assert.equal(all.hidden, 0);
  assert.equal(few.rows.length + few.hidden, all.rows.length);
  assert.equal(new Set(all.rows.map(({ y }) => y)).size, all.rows.length);
  assert.equal(new Set(all.rows.map(({ moment }) => moment.key)).size, all.rows.length);
});

const LINKED = { sip_call_id: 'x@fs01', hangup_cause: 'NORMAL_CLEARING', answer_us: 5, end_us: 9 };
const twoServers = (fields: Partial<CallDetail> = {}): CallDetail =>
  call(
    [
      leg({ uuid: 'a', node: 'fs01', start_us: 1, ...LINKED, sip_call_id: 'phone' }),
      leg({ uuid: 'b', node: 'fs01', direction: 'outbound', start_us: 2, ...LINKED }),
      leg({ uuid: 'c', node: 'fs02', start_us: 2, ...LINKED }),
    ],
    fields,
  );

test('of one microsecond, what causes comes before what it causes', () => {
  const ladder = layOut(twoServers({ hangup_by: 'callee' }), [], ALL);
  const at = (words: string) => wordsOf(ladder).indexOf(words);
  assert.ok(at('fs01 calls 200') < at('fs02 is called 200'));
  const legsOf = (kind: string) =>
    ladder.rows.filter(({ moment }) => moment.kind === kind).map(({ moment }) => moment.leg);
  assert.ok(
    legsOf('answer').indexOf('c') < legsOf('answer').indexOf('b'),
    'fs02 answers, then fs01 hears of it',
  );
  assert.ok(legsOf('hangup').indexOf('c') < legsOf('hangup').indexOf('b'), 'and hangs up first');
  assert.deepEqual(ladder.skews, []);
});

test('each end of a dialog is told once, whoever hung up', () => {
  for (const hangup_by of ['caller', 'callee', 'system', null] as const) {
    const hangups = arrowsOf(layOut(twoServers({ hangup_by }), [], ALL)).filter((arrow) =>
      /^hangup/.test(arrow),
    );
    assert.equal(hangups.length, 2, `${hangup_by}: ${hangups.join('; ')}`);
    const between = hangup_by === 'caller' ? 'hangup fs01 → fs02' : 'hangup fs02 → fs01';
    if (hangup_by === 'caller' || hangup_by === 'callee')
      assert.ok(hangups.includes(between), hangups.join('; '));
  }
});

test('where a proxy changed the Call-ID, the path says which legs meet', () => {
  const changed = twoServers();
  const [a, b, c] = changed.legs;
  if (a === undefined || b === undefined || c === undefined) throw new Error('three legs');
  const ladder = layOut({ ...changed, legs: [a, b, { ...c, sip_call_id: 'masked' }] }, [], ALL);
  assert.ok(arrowsOf(ladder).includes('create fs01 → fs02'));
  assert.equal(ladder.columns.length, 3, 'nobody is invented');
});

test('phones that ring together are columns; who was cancelled, who refused', () => {
  const phones = call(
    [
      leg({ uuid: 'a', node: 'fs01', answer_us: 8, end_us: 20 }),
      leg({
        uuid: 'b',
        node: 'fs01',
        direction: 'outbound',
        destination_number: '201',
        end_us: 6,
        hangup_cause: 'USER_BUSY',
      }),
      leg({
        uuid: 'c',
        node: 'fs01',
        direction: 'outbound',
        destination_number: '202',
        end_us: 9,
        hangup_cause: 'LOSE_RACE',
      }),
      leg({
        uuid: 'd',
        node: 'fs01',
        direction: 'outbound',
        destination_number: '203',
        answer_us: 8,
        end_us: 20,
      }),
    ],
    { hangup_by: 'caller' },
  );
  const ladder = layOut(phones, [], ALL);
  assert.deepEqual(
    ladder.columns.map(({ label }) => label),
    ['100', 'fs01', '201', '202', '203'],
  );
  const hangups = arrowsOf(ladder).filter((arrow) => /^hangup/.test(arrow));
  assert.deepEqual(hangups.toSorted(), [
    'hangup 100 → fs01',
    'hangup 201 → fs01',
    'hangup fs01 → 202',
    'hangup fs01 → 203',
  ]);
});

test('a server that died has no hangup: its legs are crossed out; a leg that is up stays open', () => {
  const lost = call([
    leg({ uuid: 'a', node: 'fs01', end_us: 9, is_interrupted: true, ended_by: 'node-lost' }),
    leg({ uuid: 'b', node: 'fs02', direction: 'outbound', state: 'answered' }),
  ]);
  const ladder = layOut(lost, [], ALL);
  assert.deepEqual(
    ladder.lifelines.map(({ end }) => end),
    ['interrupted', 'open'],
  );
  assert.ok(wordsOf(ladder).includes('fs01 lost: the server was not heard of any more'));
  assert.ok(arrowsOf(ladder).every((arrow) => !/^hangup/.test(arrow)));
});

test('bridges reach from leg to leg; events of strangers are none of ours', () => {
  const bridged = twoServers();
  const events: LegEvent[] = [
    event({
      uuid: 'a',
      node: 'fs01',
      at_us: 6,
      event_name: 'CHANNEL_BRIDGE',
      headers: { 'Bridge-A-Unique-ID': 'a', 'Bridge-B-Unique-ID': 'b' },
    }),
    event({ uuid: 'stranger', node: 'fs09', at_us: 6 }),
  ];
  const ladder = layOut(bridged, events, ALL);
  const bridge = ladder.dots.find(({ kind }) => kind === 'bridge');
  const laneOf = (uuid: string) => ladder.lifelines.find((life) => life.leg === uuid)?.x;
  assert.deepEqual([bridge?.x, bridge?.toX], [laneOf('a'), laneOf('b')]);
  assert.ok(ladder.rows.every(({ moment }) => moment.node !== 'fs09'));
});

test('holds and transfers are drawn on their leg, in words', () => {
  const at = (at_us: number, event_name: string, event_subclass: string | null = null) =>
    event({ uuid: 'a', node: 'fs01', at_us, event_name, event_subclass });
  const events = [
    at(6, 'CHANNEL_HOLD'),
    at(7, 'CHANNEL_UNHOLD'),
    at(8, 'CUSTOM', 'sofia::transferor'),
    at(9, 'CUSTOM', 'sofia::replaced'),
  ];
  const ladder = layOut(twoServers(), events, ALL);
  const words = wordsOf(ladder);
  for (const told of ['on hold', 'off hold', 'sends the other side on', 'is replaced'])
    assert.ok(words.includes(`fs01 ${told}`), told);
  const lane = ladder.lifelines.find((life) => life.leg === 'a')?.x;
  const drawn = ladder.dots.filter(({ kind }) => ['hold', 'unhold', 'transfer'].includes(kind));
  assert.deepEqual(
    drawn.map(({ kind, x }) => [kind, x]),
    ['hold', 'unhold', 'transfer', 'transfer'].map((kind) => [kind, lane]),
  );
});

test('64 legs and 2,000 events are laid out in a moment', () => {
  const legs = Array.from({ length: 64 }, (_, index) =>
    leg({ uuid: `leg-${index}`, node: `fs0${index % 4}`, start_us: index }),
  );
  const events = Array.from({ length: 2_000 }, (_, index) =>
    event({
      uuid: `leg-${index % 64}`,
      node: `fs0${index % 4}`,
      at_us: index,
      sequence: index,
      event_name: 'CHANNEL_STATE',
    }),
  );
  const began = process.cpuUsage();
  const ladder = layOut(call(legs), events, ALL);
  assert.ok(ladder.rows.length >= 2_000);
  assert.ok(process.cpuUsage(began).user < 500_000);
});
