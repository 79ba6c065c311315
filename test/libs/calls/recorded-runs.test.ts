import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { evidenceOfCdr } from '../../../libs/calls/cdr-evidence.ts';
import { evidenceOfEvent } from '../../../libs/calls/event-evidence.ts';
import { type LegEvidence, mergeEvidence } from '../../../libs/calls/evidence.ts';
import { type FleetRecords, foldFleet } from '../../../libs/calls/fold-fleet.ts';
import { FOLD } from '../../services/merger/fleet-mergers.ts';
import { compareCalls, loadExpected } from '../../support/expected-calls.ts';
import fc from '../../support/properties.ts';
import { recordedFleet } from '../../support/recorded-fleet.ts';

const run01 = recordedFleet('run-01');

async function differences(records: FleetRecords): Promise<string[]> {
  const { calls } = foldFleet(records, FOLD);
  const published = calls.map((call) => ({
    ...call,
    v: 1 as const,
    revision: 1,
    merged_into: null,
    state: 'finished' as const,
  }));
  return compareCalls(await loadExpected('run-01'), published);
}

describe('run 01, folded', () => {
  it('has 51 legs with events, and a CDR of each in both formats', () => {
    assert.equal(new Set(run01.events.map(({ uuid }) => uuid)).size, 51);
    assert.equal(new Set(run01.cdrs.map(({ cdr, format }) => `${format} ${cdr.uuid}`)).size, 102);
  });

  const parts: [string, FleetRecords][] = [
    ['events and CDRs', run01],
    ['events alone', { ...run01, cdrs: [] }],
    ['CDRs alone', { ...run01, events: [] }],
    ['JSON CDRs alone', { ...run01, events: [], cdrs: run01.cdrs.filter(({ format }) => format === 'json') }],
  ];
  for (const [name, records] of parts) {
    it(`gives what a person expects, from ${name}`, async () => {
      assert.deepEqual(await differences(records), []);
    });
  }
});

describe('evidence of recorded legs', () => {
  const byLeg = new Map<string, LegEvidence[]>();
  for (const evidence of [
    ...run01.events.map((event) => evidenceOfEvent(event, FOLD)),
    ...run01.cdrs.map((cdr) => evidenceOfCdr(cdr, FOLD)),
  ]) {
    if (evidence === undefined) continue;
    byLeg.set(evidence.uuid, [...(byLeg.get(evidence.uuid) ?? []), evidence]);
  }
  const legs = [...byLeg.values()].filter(({ length }) => length > 3);

  it('is the same in whatever order, however often and in whatever groups it is merged', () => {
    assert.ok(legs.length > 40);
    const anyLeg = fc.integer({ min: 0, max: legs.length - 1 });
    fc.assert(
      fc.property(
        anyLeg,
        fc.array(fc.nat({ max: 1_000 }), { maxLength: 12 }),
        fc.infiniteStream(fc.nat()),
        (at, again, order) => {
          const said = legs[at] ?? [];
          const doubled = [...said, ...again.flatMap((index) => said[index % said.length] ?? [])];
          const shuffled = doubled
            .map((evidence) => [order.next().value as number, evidence] as const)
            .sort((a, b) => a[0] - b[0])
            .map(([, evidence]) => evidence);
          assert.deepEqual(mergedByHalves(shuffled), said.reduce(mergeEvidence));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('survives being stored as JSON between two merges', () => {
    for (const said of legs) {
      const stored = said.reduce((a, b) => JSON.parse(JSON.stringify(mergeEvidence(a, b))) as LegEvidence);
      assert.equal(JSON.stringify(stored), JSON.stringify(said.reduce(mergeEvidence)));
    }
  });
});

function mergedByHalves(said: readonly LegEvidence[]): LegEvidence {
  const [first] = said;
  if (first === undefined) throw new Error('nothing was said');
  if (said.length === 1) return first;
  const middle = said.length >> 1;
  return mergeEvidence(mergedByHalves(said.slice(0, middle)), mergedByHalves(said.slice(middle)));
}
