import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldFleet } from '../../../libs/calls/fold-fleet.ts';
import type { CountedCall } from '../../../services/merger/call-figures.ts';
import { recordedFleet } from '../../support/recorded-fleet.ts';
import { applyAll, deliveries, FOLD, fleetMergers, settle } from './fleet-mergers.ts';

test('each call is counted once for the metrics, also when it is corrected afterwards', async (t) => {
  const records = recordedFleet('run-01');
  const expected = foldFleet(records, FOLD).calls;
  const fleet = await fleetMergers(t, 2);
  const counted: CountedCall[] = [];
  for (const metrics of fleet.metrics) metrics.countCalls = (calls) => void counted.push(...calls);
  await applyAll(fleet.mergers, [deliveries(records)]);
  await settle(fleet);
  assert.equal(counted.length, expected.length);
  assert.equal(
    counted.filter(({ answer_us }) => answer_us !== null).length,
    expected.filter(({ answer_us }) => answer_us !== null).length,
  );

  await fleet.database.write.query(`update calls set revision = revision + 1 where merged_into is null`);
  await settle(fleet);
  const { rows } = await fleet.database.write.query('select from calls where published_revision < revision');
  assert.equal(rows.length, 0, 'the corrections were published');
  assert.equal(counted.length, expected.length, 'and not counted');
});
