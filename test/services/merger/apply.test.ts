import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DeliveredRecord } from '../../../libs/bus/bus.ts';
import { foldFleet } from '../../../libs/calls/fold-fleet.ts';
import type { Call } from '../../../libs/records/call.ts';
import { TOPICS } from '../../../libs/records/topics.ts';
import { callsBetween } from '../../../libs/store/call.sql.ts';
import { compareCalls, loadExpected } from '../../support/expected-calls.ts';
import { recordedFleet } from '../../support/recorded-fleet.ts';
import { applyAll, deliveries, type FleetMergers, FOLD, fleetMergers, settle } from './fleet-mergers.ts';

/** A fixed sequence of pseudo-random numbers: a failing order can be run again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function shuffled<T>(items: readonly T[], next: () => number): T[] {
  return items
    .map((item) => [next(), item] as const)
    .sort((a, b) => a[0] - b[0])
    .map(([, item]) => item);
}

function cut<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  );
}

async function storedCalls({ database }: FleetMergers) {
  const calls = await callsBetween(database.write, 0, 4e15);
  return calls.filter(({ merged_into }) => merged_into === null);
}

function comparable(calls: readonly object[]): unknown[] {
  const bookkeeping = new Set(['v', 'revision', 'merged_into', 'state', 'is_over']);
  return calls
    .map((call) =>
      Object.fromEntries(
        Object.entries(call)
          .filter(([name]) => !bookkeeping.has(name))
          .sort(),
      ),
    )
    .sort((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1));
}

describe('the merger, on run 01', () => {
  const records = recordedFleet('run-01');
  const inOrder = deliveries(records).sort((a, b) => momentOf(a) - momentOf(b));
  const pure = foldFleet(records, FOLD);
  const variants: [string, number, DeliveredRecord[][]][] = [
    ['in order of time, one merger', 1, cut(inOrder, 50)],
    ['all at once, one merger', 1, [inOrder]],
    ['one by one, three mergers', 3, cut(inOrder, 1)],
    ['shuffled and doubled, three mergers', 3, cut(shuffled([...inOrder, ...inOrder], random(1)), 7)],
    ['shuffled, CDRs first, three mergers', 3, cut(cdrsFirst(shuffled(inOrder, random(2))), 11)],
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

async function deadlocks({ metrics }: FleetMergers): Promise<number> {
  const counts = await Promise.all(metrics.map(({ retries }) => retries.get()));
  return counts.flatMap(({ values }) => values).reduce((sum, { value }) => sum + value, 0);
}
