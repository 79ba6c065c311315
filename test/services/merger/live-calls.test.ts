import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallChange, CallRow } from '../../../libs/store/call.sql.ts';
import { liveCalls } from '../../../services/merger/live-calls.ts';

const SECOND = 1_000_000;
const START_US = 1_795_000_000 * SECOND;
const NEW: CallChange = { id: 'a', isNew: true, wasAnswered: false, wasOver: false };
const KNOWN: CallChange = { ...NEW, isNew: false, wasAnswered: true };

/** What is told, a text for each record, `afterS` seconds after its end (or start) of a call that lasted 10 s, or lasts. */
function told(
  change: CallChange,
  { isOver, afterS, took = [] }: { isOver: boolean; afterS: number; took?: string[] },
): string[] {
  const row = {
    id: 'a',
    start_us: START_US,
    answer_us: START_US + SECOND,
    end_us: isOver ? START_US + 10 * SECOND : null,
    tenant: null,
    domain: null,
    caller: '1001',
    callee: '2000',
    nodes: ['fs01'],
  } as unknown as CallRow;
  const nowUs = (row.end_us ?? row.start_us) + afterS * SECOND;
  return liveCalls([{ row, change, took }], nowUs).map(({ before = [], kind, call_id }) =>
    call_id === 'a' ? [...before.map((moment) => moment.kind), kind].join() : `${kind} ${call_id}`,
  );
}

test('a call that is first heard of when it has just ended is told as a whole, in one record', () => {
  const all = ['call-started,call-answered,call-ended'];
  assert.deepEqual(told(NEW, { isOver: true, afterS: 30 }), all);
  assert.deepEqual(told(NEW, { isOver: true, afterS: -3_600 }), all, 'a node whose clock is ahead');
});

test('a call that was long over when it was first heard of is no news', () => {
  assert.deepEqual(told(NEW, { isOver: true, afterS: 31 }), []);
});

test('a call that lives is news however long it has lived', () => {
  assert.deepEqual(told(NEW, { isOver: false, afterS: 86_400 }), ['call-started,call-answered']);
});

test('of a call that was told of its end is told, however late it is heard of', () => {
  assert.deepEqual(told(KNOWN, { isOver: true, afterS: 86_400 }), ['call-ended']);
});

test('a call that is over does not live again when its answer is heard of late', () => {
  assert.deepEqual(told({ ...NEW, isNew: false, wasOver: true }, { isOver: true, afterS: 1 }), []);
});

test('a call that goes on after a server refused it is live again, with what is known of it', () => {
  const refused = { ...NEW, isNew: false, wasOver: true };
  assert.deepEqual(told(refused, { isOver: false, afterS: 1 }), ['call-started,call-answered']);
  assert.deepEqual(told({ ...refused, wasAnswered: true }, { isOver: false, afterS: 1 }), [
    'call-started,call-answered',
  ]);
});

test('a call that became a part of another one has ended for whoever shows it', () => {
  assert.deepEqual(told(KNOWN, { isOver: false, afterS: 1, took: ['b', 'c'] }), [
    'call-ended b',
    'call-ended c',
  ]);
  assert.deepEqual(told(NEW, { isOver: true, afterS: 86_400, took: ['b'] }), ['call-ended b']);
});
