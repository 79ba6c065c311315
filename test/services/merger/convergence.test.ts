import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { anyFleet, type FleetSpec } from '../../support/generated-fleet/spec.ts';
import fc from '../../support/properties.ts';
import { converges, PROXY } from './convergence.ts';
import { fleetMergers } from './fleet-mergers.ts';
import { deadlocks } from './shuffling.ts';

/** Fleets that once failed, as fast-check printed them: add to them whatever fails. */
const kept = JSON.parse(
  readFileSync(new URL('../../fixtures/fleets/kept.json', import.meta.url), 'utf8'),
) as FleetSpec[];

describe('generated fleets', () => {
  it('give the legs and calls of the pure core, in any order, doubled, by one to three mergers', async (t) => {
    const fleet = await fleetMergers(t, 3, { proxies: [PROXY] });
    let number = 0;
    for (const spec of kept) await converges(fleet, spec, number++);
    await fc.assert(
      fc.asyncProperty(anyFleet, (spec) => converges(fleet, spec, number++)),
      { numRuns: 300, interruptAfterTimeLimit: 240_000, markInterruptAsFailure: true },
    );
    assert.equal(await deadlocks(fleet), 0);
  });
});
