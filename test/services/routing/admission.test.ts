import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDelayAdmission, createQueueAdmission } from '../../../services/routing/admission.ts';
import { until } from '../../support/until.ts';

test('a late event loop refuses, and takes lookups again when it is in time', async (t) => {
  const admission = createDelayAdmission(100);
  t.after(() => admission.stop());
  assert.equal(admission.turn(), undefined);
  const deadline = performance.now() + 400;
  while (performance.now() < deadline) Math.sqrt(deadline);
  assert.equal(admission.refusal(), 'overloaded');
  await until('it takes lookups again', () => admission.refusal() === undefined);
});

test('a full queue refuses; what waits gets its turn in order, and the loop lives meanwhile', async (t) => {
  const admission = createQueueAdmission(100);
  t.after(() => admission.stop());
  const served: number[] = [];
  let turnsOfTheLoop = 0;
  const count = setImmediate(function again() {
    turnsOfTheLoop += 1;
    if (served.length < 100) setImmediate(again);
  });
  const waiting = Array.from({ length: 100 }, async (_, index) => {
    assert.equal(admission.refusal(), undefined);
    await admission.turn();
    served.push(index);
  });
  assert.equal(admission.refusal(), 'overloaded');
  await Promise.all(waiting);
  clearImmediate(count);
  assert.deepEqual(
    served,
    served.toSorted((left, right) => left - right),
  );
  assert.equal(admission.refusal(), undefined);
  assert.ok(turnsOfTheLoop >= 2);
});
