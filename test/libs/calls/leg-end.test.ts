import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type LegEvidence, noEvidence } from '../../../libs/calls/evidence.ts';
import { foldCores } from '../../../libs/calls/fold-cores.ts';
import { endOf, type LegEnd } from '../../../libs/calls/leg-end.ts';
import type { NodeEvent } from '../../../libs/records/node-event.ts';

const SECOND = 1_000_000;
const LEG = 'd4c5a7d0-0000-4000-8000-000000000001';
const at = (seconds: number) => 1_795_000_000_000_000 + seconds * SECOND;

/** A leg of core `old` on fs01 that began at 0 and last said something at `seconds`. */
function lastHeard(seconds: number, more: Partial<LegEvidence> = {}): LegEvidence {
  const evidence = noEvidence({ uuid: LEG, start_us: at(0), node: 'fs01', core_uuid: 'old' });
  return { ...evidence, last_event_us: at(seconds), ...more };
}

type Said = Partial<NodeEvent> & Pick<NodeEvent, 'kind'>;

function said(seconds: number, event: Said): NodeEvent {
  const common = { v: 1, node: 'fs01', at_us: at(seconds), received_us: at(seconds), core_uuid: 'old' };
  const state = { reason: '', clock_offset_us: null };
  return { ...common, ...(event.kind === 'state' ? state : {}), ...event } as NodeEvent;
}

const live = (seconds: number) => said(seconds, { kind: 'state', state: 'live' });
const down = (seconds: number, more: object = {}) => said(seconds, { kind: 'state', state: 'down', ...more });
const resync = (seconds: number, uuids: string[]) => said(seconds, { kind: 'resync', uuids });
const replaced = (seconds: number) =>
  said(seconds, { kind: 'core-changed', old_core_uuid: 'old', core_uuid: 'new' });

function judged(evidence: LegEvidence, events: NodeEvent[], nowSeconds = 1_000): LegEnd | null {
  const ends = [events, events.toReversed(), [...events, ...events]].map((order) => {
    const fate = foldCores(order).find(({ core_uuid }) => core_uuid === 'old');
    return endOf(evidence, { fate, nowUs: at(nowSeconds), nodeLostMs: 60_000 });
  });
  for (const end of ends) assert.deepEqual(end, ends[0], 'the order of what was said decided');
  return ends[0] ?? null;
}

const ended = (seconds: number, ended_by: LegEnd['ended_by']) => ({ end_us: at(seconds), ended_by });

describe('a leg ends', () => {
  const hungUp = lastHeard(10, { moments: { hangup_us: at(10) } });

  it('by its hangup event, whatever its node does', () => {
    assert.deepEqual(judged(hungUp, [down(20), replaced(30)]), ended(10, 'hangup'));
  });

  it('by a resync that no longer shows it, at its last sign of life', () => {
    assert.deepEqual(judged(lastHeard(10), [live(1), resync(100, [])]), ended(10, 'resync'));
    assert.deepEqual(judged(lastHeard(10), [resync(50, [LEG]), resync(100, [])]), ended(50, 'resync'));
    assert.deepEqual(
      judged(lastHeard(10), [live(1), down(70), live(100), resync(101, [])]),
      ended(70, 'resync'),
    );
  });

  it('by another core in its place, but not when two servers turn out to share one name', () => {
    const back = (seconds: number) =>
      said(seconds, { kind: 'core-changed', old_core_uuid: 'new', core_uuid: 'old' });
    assert.deepEqual(judged(lastHeard(10), [live(1), replaced(40)]), ended(10, 'core-changed'));
    assert.equal(judged(lastHeard(10), [live(1), replaced(40), live(60)]), null);
    assert.equal(judged(lastHeard(10), [live(1), replaced(40), back(60)]), null);
    assert.equal(judged(lastHeard(10), [live(1), replaced(40), back(60), replaced(80)]), null);
    assert.equal(judged(lastHeard(10), [back(5), replaced(40)]), null, 'by the core that was there before');
  });

  it('not by a resync that was written while it began, or that shows it again later', () => {
    assert.equal(judged(lastHeard(96), [resync(100, [])]), null);
    assert.equal(judged(lastHeard(10), [resync(50, []), resync(100, [LEG])]), null);
    assert.equal(judged(lastHeard(10), [resync(50, [LEG])]), null);
  });

  it('with its core: when the socket closed, else at its last event', () => {
    assert.deepEqual(judged(lastHeard(10), [live(1), down(40), replaced(60)]), ended(40, 'core-changed'));
    assert.deepEqual(judged(lastHeard(10), [replaced(60)]), ended(10, 'core-changed'));
  });

  it('when its node is lost: at the first closing of the socket, once the time is over', () => {
    const lost = [live(1), down(40), down(70)];
    assert.equal(judged(lastHeard(10), lost, 99), null);
    assert.deepEqual(judged(lastHeard(10), lost, 100), ended(40, 'node-lost'));
    assert.deepEqual(
      judged(lastHeard(10), [live(1), down(40, { core_uuid: null })], 100),
      ended(10, 'node-lost'),
    );
  });

  it('not when its node came back, and not because collectors are absent', () => {
    assert.equal(judged(lastHeard(10), [live(1), down(40), live(80)]), null);
    assert.equal(judged(lastHeard(10), [live(1)]), null);
    assert.equal(judged(lastHeard(10), []), null);
  });

  it('not by what is said of another server with the same name', () => {
    const clone = { core_uuid: 'clone' };
    const other = [
      { ...resync(100, []), ...clone },
      { ...down(200), ...clone },
      said(300, { kind: 'state', state: 'duplicate-switchname', ...clone }),
    ] as NodeEvent[];
    assert.equal(judged(lastHeard(10), [live(1), ...other]), null);
  });
});
