import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DeliveredRecord } from '../../../libs/bus/bus.ts';
import { foldFleet } from '../../../libs/calls/fold-fleet.ts';
import type { Call } from '../../../libs/records/call.ts';
import type { ChannelEvent } from '../../../libs/records/channel-event.ts';
import { TOPICS } from '../../../libs/records/topics.ts';
import { compareCalls, loadExpected } from '../../support/expected-calls.ts';
import { recordedFleet } from '../../support/recorded-fleet.ts';
import { applyAll, deliveries, FOLD, fleetMergers, settle } from './fleet-mergers.ts';
import { batchesOf, comparable, deadlocks, random, shuffled, storedCalls } from './shuffling.ts';

describe('the merger, on run 01', () => {
  const records = recordedFleet('run-01');
  const inOrder = deliveries(records).sort((a, b) => momentOf(a) - momentOf(b));
  const pure = foldFleet(records, FOLD);
  const variants: [string, number, DeliveredRecord[][]][] = [
    ['in order of time, one merger', 1, batchesOf(inOrder, 50)],
    ['all at once, one merger', 1, [inOrder]],
    ['one by one, three mergers', 3, batchesOf(inOrder, 1)],
    ['shuffled and doubled, three mergers', 3, batchesOf(shuffled([...inOrder, ...inOrder], random(1)), 7)],
    ['shuffled, CDRs first, three mergers', 3, batchesOf(cdrsFirst(shuffled(inOrder, random(2))), 11)],
  ];
  for (const [name, count, batches] of variants) {
    it(`gives what a person expects, and what the pure core gives: ${name}`, async (t) => {
      const fleet = await fleetMergers(t, count);
      await applyAll(fleet.mergers, batches);
      await settle(fleet);
      const stored = await storedCalls(fleet);
      const published = lastOfEach(fleet.bus.values<Call>(TOPICS.calls));
      assert.deepEqual(compareCalls(await loadExpected('run-01'), published), []);
      assert.deepEqual(comparable(stored), comparable(pure.calls));
      assert.ok(stored.every(({ state }) => state === 'finished'));
      assert.equal(await deadlocks(fleet), 0);
    });
  }
});

describe('the merger, on uuids and Call-IDs that are used again an hour later', () => {
  const { events } = recordedFleet('run-01');
  const once = { events, cdrs: [], nodeEvents: [] };
  const twice = { ...once, events: [...events, ...events.map((event) => later(event, 3_600_000_000))] };
  for (const count of [1, 3]) {
    it(`makes twice the calls, in whatever order: ${count} merger(s)`, async (t) => {
      const fleet = await fleetMergers(t, count);
      await applyAll(fleet.mergers, batchesOf(shuffled(deliveries(twice), random(count)), 90));
      await settle(fleet);
      const stored = await storedCalls(fleet);
      assert.deepEqual(comparable(stored), comparable(foldFleet(twice, FOLD).calls));
      assert.equal(stored.length, 2 * foldFleet(once, FOLD).calls.length);
    });
  }
});

/** The same event of the same leg, had all of it been so much later. */
function later(event: ChannelEvent, us: number): ChannelEvent {
  const moved = ([name, text]: [string, string]): [string, string] =>
    name.endsWith('-Time') && Number(text) > 0 ? [name, String(Number(text) + us)] : [name, text];
  const headers = Object.fromEntries(Object.entries(event.headers).map(moved));
  return { ...event, at_us: event.at_us + us, received_us: event.received_us + us, headers };
}

function momentOf({ value }: DeliveredRecord): number {
  const record = value as { at_us?: number; received_us: number };
  return record.at_us ?? record.received_us;
}

function cdrsFirst(records: readonly DeliveredRecord[]): DeliveredRecord[] {
  return records.toSorted((a, b) => Number(b.topic === TOPICS.cdrs) - Number(a.topic === TOPICS.cdrs));
}

function lastOfEach(calls: readonly Call[]): Call[] {
  return [...new Map(calls.map((call) => [call.id, call])).values()];
}
