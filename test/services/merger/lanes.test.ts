import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noEvidence } from '../../../libs/calls/evidence.ts';
import type { CallRow } from '../../../libs/store/call.sql.ts';
import { createKnownCalls } from '../../../services/merger/known-calls.ts';
import { lanesOf } from '../../../services/merger/lanes.ts';
import type { ChangedCall } from '../../../services/merger/write-claimed.ts';

const LEGS = 128;

function legs() {
  return Array.from({ length: LEGS }, (_, at) =>
    noEvidence({ uuid: `leg-${at}`, start_us: 1_000_000 + at, node: 'fs01', core_uuid: 'core' }),
  );
}

function changedCall(id: string, uuids: readonly string[]): ChangedCall {
  const row = { id, legs: uuids } as CallRow;
  return { row, change: { id, isNew: false, wasAnswered: false, wasOver: false }, took: [] };
}

/** Which of two lanes each leg is in. */
function laneOf(lanes: readonly (readonly { uuid: string }[])[]): Map<string, number> {
  return new Map(lanes.flatMap((lane, at) => lane.map(({ uuid }) => [uuid, at] as const)));
}

test('legs that were of one call before share a lane, though this batch says nothing of it', () => {
  const known = createKnownCalls();
  const pairs = Array.from({ length: LEGS / 2 }, (_, at) => [`leg-${at}`, `leg-${LEGS - 1 - at}`] as const);
  const apart = laneOf(lanesOf(legs(), 2, known.callOf));
  assert.ok(
    pairs.some(([a, b]) => apart.get(a) !== apart.get(b)),
    'nothing else keeps them together',
  );

  known.tell(pairs.map((uuids, at) => changedCall(`call-${at}`, uuids)));
  const lanes = lanesOf(legs(), 2, known.callOf);
  const together = laneOf(lanes);
  assert.equal(together.size, LEGS);
  assert.deepEqual(
    lanes.map(({ length }) => length),
    [LEGS / 2, LEGS / 2],
  );
  for (const [a, b] of pairs) assert.equal(together.get(a), together.get(b));
});

test('the memory of calls is bounded, and keeps the newest', () => {
  const known = createKnownCalls();
  const uuids = Array.from({ length: 100_000 }, (_, at) => `leg-${at}`);
  known.tell(uuids.map((uuid) => changedCall(`call of ${uuid}`, [uuid])));
  assert.equal(uuids.filter((uuid) => known.callOf(uuid) !== undefined).length <= 32_768, true);
  for (const uuid of uuids.slice(-16_384)) assert.equal(known.callOf(uuid), `call of ${uuid}`);
});
