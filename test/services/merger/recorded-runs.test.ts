import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type FleetRecords, foldFleet } from '../../../libs/calls/fold-fleet.ts';
import type { Call } from '../../../libs/records/call.ts';
import { TOPICS } from '../../../libs/records/topics.ts';
import { compareCalls, type ExpectedCalls, loadExpected } from '../../support/expected-calls.ts';
import { cdrsOnly, eventsOnly, withoutHeader } from '../../support/fleet-variants.ts';
import { recordedFleet } from '../../support/recorded-fleet.ts';
import { applyAll, deliveries, FOLD, fleetMergers, settle } from './fleet-mergers.ts';
import { batchesOf, comparable, deadlocks, random, shuffled, storedCalls } from './shuffling.ts';

/** Three servers and the two Kamailios between them. */
const KNOWN = ['127.0.0.11', '127.0.0.12', '127.0.0.13', '127.0.0.20', '127.0.0.21'];
const TRUSTING = { ...FOLD, trust: { isKnownPeer: (ip: string) => KNOWN.includes(ip) } };

interface Variant {
  name: string;
  records: FleetRecords;
  calls: number;
  /** labels of calls that this source cannot tell as they were */
  wrong: readonly string[];
}

const run02 = { records: recordedFleet('run-02'), expected: await loadExpected('run-02') };
const run05 = { records: recordedFleet('run-05'), expected: await loadExpected('run-05') };
const topoh = legsOf(run05.expected, /topoh/);
const noHeader = withoutHeader(run05.records, topoh);

/** Who hung up after att_xfer is only in an event; what was up on fs02 when it was killed left no CDR there. */
const CDRS_CANNOT = ['xfer-att_xfer', 'kill9-fs02'];

const VARIANTS: [string, ExpectedCalls, Variant[]][] = [
  [
    'run 02',
    run02.expected,
    [
      { name: 'all sources', records: run02.records, calls: 4, wrong: [] },
      { name: 'events only', records: eventsOnly(run02.records), calls: 4, wrong: [] },
    ],
  ],
  [
    'run 05',
    run05.expected,
    [
      { name: 'all sources', records: run05.records, calls: 109, wrong: [] },
      { name: 'no header but behind topoh', records: noHeader, calls: 109, wrong: [] },
      { name: 'no header at all', records: withoutHeader(run05.records), calls: 111, wrong: ['chain-topoh'] },
      { name: 'events only', records: eventsOnly(run05.records), calls: 109, wrong: [] },
      { name: 'CDRs only', records: cdrsOnly(run05.records), calls: 108, wrong: CDRS_CANNOT },
      {
        name: 'CDRs only, no header but behind topoh',
        records: cdrsOnly(noHeader),
        calls: 109,
        wrong: CDRS_CANNOT,
      },
    ],
  ],
];

function legsOf({ calls }: ExpectedCalls, label: RegExp): Set<string> {
  return new Set(calls.filter((call) => label.test(call.label)).flatMap(({ legs }) => legs));
}

/** Labels of the differences; a call that nobody expects is one of legs that a wrong label names. */
function labelsOf(expected: ExpectedCalls, differences: readonly string[]): string[] {
  const labels = expected.calls.map(({ label }) => label);
  const named = differences.map((text) => {
    const label = labels.find((one) => text.startsWith(`${one} (`)) ?? / of ([\w-]+) \(/.exec(text)?.[1];
    return label ?? text;
  });
  return [...new Set(named)].sort();
}

for (const [run, expected, variants] of VARIANTS) {
  describe(`${run}, from`, () => {
    for (const { name, records, calls, wrong } of variants) {
      const pure = foldFleet(records, TRUSTING);
      for (const count of [1, 3]) {
        it(`${name}: ${calls} calls, ${count} merger(s)`, async (t) => {
          const fleet = await fleetMergers(t, count, { proxies: KNOWN });
          const all = deliveries(records);
          const order = count === 1 ? all : shuffled([...all, ...all], random(count));
          await applyAll(fleet.mergers, batchesOf(order, count === 1 ? 200 : 60));
          await settle(fleet);
          const published = lastOfEach(fleet.bus.values<Call>(TOPICS.calls));
          assert.equal(published.length, calls);
          assert.deepEqual(labelsOf(expected, compareCalls(expected, published)), wrong.toSorted());
          assert.deepEqual(comparable(await storedCalls(fleet)), comparable(pure.calls));
          assert.equal(await deadlocks(fleet), 0);
        });
      }
    }
  });
}

function lastOfEach(calls: readonly Call[]): Call[] {
  const last = new Map(calls.map((call) => [call.id, call]));
  return [...last.values()].filter(({ merged_into }) => merged_into === null);
}
