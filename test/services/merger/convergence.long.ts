import assert from 'node:assert/strict';
import { it } from 'node:test';
import { anyFleet } from '../../support/generated-fleet/spec.ts';
import fc from '../../support/properties.ts';
import { converges, PROXY } from './convergence.ts';
import { fleetMergers } from './fleet-mergers.ts';
import { deadlocks } from './shuffling.ts';

it('5,000 generated fleets give the legs and calls of the pure core', async (t) => {
  // A machine that was halted for a few minutes is no fault of theirs.
  const fleet = await fleetMergers(t, 3, { proxies: [PROXY], timeoutMs: 600_000 });
  let number = 0;
  await fc.assert(
    fc.asyncProperty(anyFleet, (spec) => converges(fleet, spec, number++)),
    { numRuns: 5_000 },
  );
  assert.equal(await deadlocks(fleet), 0);
});
