import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { skipWithoutKamailio } from '../../support/kamailio/kamailio.ts';
import { type Lab, openLab } from '../../support/kamailio/lab.ts';

const CALLS = 10_000;
const AT_ONCE = 20;
/** Kamailio keeps a call's transaction for some seconds: this is 200 calls a second, whose transactions fit in its memory. */
const BATCH_MS = 100;
const WEIGHTS = { carrier1: 70, carrier2: 30 };
/** Percentage points: more than four standard deviations of a fair draw. */
const TOLERANCE = 2;

/** On a busy machine both lookups of a call may take more than their second: it is then refused before any carrier has it. */
async function dialAgain({ dial }: Lab): Promise<void> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    if ((await dial('sip:+40991234@a.example')).status === 200) return;
  }
  assert.fail('refused ten times');
}

test('10,000 calls through Kamailio fall to carriers in proportion to their weights', {
  skip: skipWithoutKamailio(),
}, async (t) => {
  const routes = Object.entries(WEIGHTS).map(([trunk, weight]) => `('40', '${trunk}', ${weight})`);
  const lab = await openLab(t, {
    seed: () => `insert into trunk_routing (prefix, trunk, weight) values ${routes.join(', ')}`,
  });
  const taken = { carrier1: 0, carrier2: 0 };
  for (let call = 0; call < CALLS; call += AT_ONCE) {
    const calls = Array.from({ length: AT_ONCE }, () => dialAgain(lab));
    await Promise.all([sleep(BATCH_MS), ...calls]);
    taken.carrier1 += lab.carrier1.invites.splice(0).length;
    taken.carrier2 += lab.carrier2.invites.splice(0).length;
  }
  assert.equal(taken.carrier1 + taken.carrier2, CALLS);
  const share = (taken.carrier1 / CALLS) * 100;
  t.diagnostic(`carrier1 took ${share} %`);
  assert.ok(Math.abs(share - WEIGHTS.carrier1) < TOLERANCE, `${share} %`);
});
