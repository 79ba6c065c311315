import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findLive, LiveBoard, type LiveCall } from '../../../console/live/live-board.ts';

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
