import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldCores } from '../../../libs/calls/fold-cores.ts';
import type { NodeEvent } from '../../../libs/records/node-event.ts';

const SECOND = 1_000_000;
/** A week of a server that comes up every half a minute, and dies. */
const RESTARTS = 20_000;

function restart(at: number): NodeEvent[] {
  const at_us = at * 30 * SECOND;
  const common = { v: 1, node: 'fs01', at_us, received_us: at_us, core_uuid: `core ${at}` } as const;
  const state = { ...common, kind: 'state', reason: '', clock_offset_us: 0 } as const;
  return [
    { ...state, state: 'syncing', core_uuid: null },
    { ...common, kind: 'core-changed', old_core_uuid: `core ${at - 1}` },
    { ...state, state: 'live' },
    { ...state, state: 'down', at_us: at_us + SECOND },
  ];
}

test('a server that restarts for a week is folded in one pass, each core by what was said of it', () => {
  const events = Array.from({ length: RESTARTS }, (_, at) => restart(at + 1)).flat();
  const startMs = performance.now();
  const fates = new Map(foldCores(events).map((fate) => [fate.core_uuid, fate]));
  const tookMs = performance.now() - startMs;
  assert.equal(fates.size, RESTARTS + 1);
  assert.equal(fates.get('core 7')?.isReplaced, true);
  assert.equal(fates.get('core 7')?.down?.at_us, 7 * 30 * SECOND + SECOND);
  assert.equal(fates.get(`core ${RESTARTS}`)?.isReplaced, false);
  // 0.1 s; it took minutes when each core went through all that was said
  assert.ok(tookMs < 5_000, `${Math.round(tookMs)} ms`);
});
