import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FleetNode } from '../../console/api/shapes.ts';
import { worstFirst } from '../../console/fleet/node-state.ts';
import { findLive, LiveBoard, type LiveCall } from '../../console/live/live-board.ts';
import { byWeekdayAndHour, type Series, seriesToCsv, stepStart } from '../../console/reports/series.ts';

const said = (call_id: string, at_us: number) => ({
  call_id,
  at_us,
  tenant: 'acme',
  domain: 'acme.example',
  caller: '100',
  callee: '200',
  nodes: ['fs01'],
});

test('a board follows its events: begun, answered, ended', () => {
  const board = new LiveBoard();
  board.apply({ name: 'call-started', data: said('a', 10) });
  board.apply({ name: 'call-answered', data: { ...said('a', 20), nodes: ['fs01', 'fs02'] } });
  const call = board.calls.get('a');
  assert.deepEqual([call?.start_us, call?.answer_us, call?.nodes], [10, 20, ['fs01', 'fs02']]);
  board.apply({ name: 'call-ended', data: said('a', 30) });
  board.apply({ name: 'call-ended', data: said('never heard of', 30) });
  assert.equal(board.calls.size, 0);
});

test('a snapshot replaces what was known: nothing that ended meanwhile stays', () => {
  const board = new LiveBoard();
  board.apply({ name: 'call-started', data: said('old', 10) });
  board.apply({ name: 'node-state', data: { node: 'gone', state: 'live', reason: '' } });
  const { at_us, ...rest } = said('new', 20);
  board.apply({
    name: 'snapshot',
    data: { calls: [{ ...rest, start_us: at_us, answer_us: null }], calls_complete: false, nodes: [] },
  });
  assert.deepEqual(
    [[...board.calls.keys()], [...board.nodes.keys()], board.isComplete],
    [['new'], [], false],
  );
});

test('what is shown of a flood is bounded, and said', () => {
  const board = new LiveBoard();
  for (let at = 0; at < 20_050; at += 1) board.apply({ name: 'call-started', data: said(String(at), at) });
  assert.equal(board.calls.size, 20_000);
  assert.equal(board.isComplete, false);
});

test('calls are found by any of their texts, the newest first', () => {
  const calls: LiveCall[] = [1, 3, 2].map((start_us) => {
    const { at_us: _at, ...rest } = said(`c${start_us}`, start_us);
    return { ...rest, start_us, answer_us: null, callee: `20${start_us}` };
  });
  const ids = (text: string) => findLive(calls, text).map(({ call_id }) => call_id);
  assert.deepEqual(ids(''), ['c3', 'c2', 'c1']);
  assert.deepEqual(ids(' 202 '), ['c2']);
  assert.deepEqual(ids('ACME'), ['c3', 'c2', 'c1']);
  assert.deepEqual(ids('fs09'), []);
});

test("steps are moments of the zone's clock; data are taken along with zone and unit", () => {
  assert.equal(stepStart('2026-11-20T21:00', 'Europe/Berlin'), Date.UTC(2026, 10, 20, 20) * 1_000);
  const series: Series = {
    name: 'PDD, 95 of 100 calls',
    unit: 'ms',
    zone: 'UTC',
    span: [0, 1],
    steps: ['2026-11-20T21:00', '2026-11-20T22:00'],
    values: [95, null],
  };
  assert.equal(
    seriesToCsv(series),
    'step (UTC),PDD 95 of 100 calls (ms)\r\n2026-11-20T21:00,95\r\n2026-11-20T22:00,\r\n',
  );
});

test('a heat map has means: two Fridays are two', () => {
  const line = (step: string, attempts: number) => ({
    step,
    by: {},
    figures: {
      attempts,
      answered: 0,
      asr: null,
      acd: null,
      ner: null,
      pdd_p50_ms: null,
      pdd_p95_ms: null,
      minutes: 0,
      mos: null,
      mos_samples: 0,
    },
  });
  const items = [line('2026-11-13T21:00', 10), line('2026-11-20T21:00', 20), line('2026-11-16T00:00', 5)];
  const head = { from: '', to: '', tz: 'UTC', complete: true, missing: { days: 0, first: null, last: null } };
  const cells = byWeekdayAndHour({ ...head, before: null, more: false, items });
  assert.deepEqual([...cells].toSorted(), [
    ['0 0', 5],
    ['4 21', 15],
  ]);
});

test('what is wrong stands first', () => {
  const node = (switchname: string, state: FleetNode['state'], configured: FleetNode['configured_state']) =>
    ({ switchname, state, configured_state: configured }) as FleetNode;
  const nodes = [
    node('fs04', null, 'active'),
    node('fs03', 'live', 'active'),
    node('fs02', 'live', 'draining'),
    node('fs05', 'down', 'active'),
    node('fs01', 'stale', 'active'),
    node('fs00', 'live', 'active'),
  ];
  const order = nodes.toSorted(worstFirst).map(({ switchname }) => switchname);
  assert.deepEqual(order, ['fs05', 'fs01', 'fs02', 'fs00', 'fs03', 'fs04']);
});
