import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldFleet } from '../../../libs/calls/fold-fleet.ts';
import { Call } from '../../../libs/records/call.ts';
import { TOPICS } from '../../../libs/records/topics.ts';
import type { CountedCall } from '../../../services/merger/call-figures.ts';
import { recordedFleet } from '../../support/recorded-fleet.ts';
import { applyAll, deliveries, FOLD, fleetMergers, settle } from './fleet-mergers.ts';

const FIELDS = Object.keys(Call.properties).sort();

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
  await fleet.database.write.query(
    `update calls set state = 'live', finish_at = now() - interval '1 day' where merged_into is null`,
  );
  await settle(fleet);
  const { rows: finished } = await fleet.database.write.query(
    `select from calls where merged_into is null and state = 'finished' and revision > 2`,
  );
  assert.equal(finished.length, expected.length, 'they lived again and are finished again');
  assert.equal(counted.length, expected.length, 'and not counted');
  for (const call of fleet.bus.values<Call>(TOPICS.calls)) assert.deepEqual(Object.keys(call).sort(), FIELDS);
});

test('a call that lives again is published when it is finished again; what was dropped with its month is let go', async (t) => {
  const fleet = await fleetMergers(t, 1);
  const { write } = fleet.database;
  await applyAll(fleet.mergers, [deliveries(recordedFleet('run-01'))]);
  await settle(fleet);
  const published = (id: string) =>
    fleet.bus.published.filter(({ topic, key }) => topic === TOPICS.calls && key === id).length;
  const { rows } = await write.query<{ id: string }>(
    'select id from calls where merged_into is null order by id limit 1',
  );
  const id = rows[0]?.id ?? '';
  assert.equal(published(id), 1);

  await write.query(`update calls set state = 'live' where id = $1`, [id]);
  await write.query(
    `insert into calls_outbox (call_id, revision, is_first)
     select id, revision + 1, false from calls where id = $1 union all values (gen_random_uuid(), 1, true)`,
    [id],
  );
  await settle(fleet);
  assert.equal(published(id), 1, 'it lives');
  const { rows: waiting } = await write.query('select call_id from calls_outbox');
  assert.deepEqual(waiting, [{ call_id: id }]);

  await write.query(`update calls set state = 'finished', revision = revision + 1 where id = $1`, [id]);
  await settle(fleet);
  assert.equal(published(id), 2);
  const { rowCount } = await write.query('select from calls_outbox');
  assert.equal(rowCount, 0, 'nothing waits any more');
});

test('what a release without the outbox finished is published by whoever comes first, and not again by the other', async (t) => {
  const fleet = await fleetMergers(t, 1);
  const { write } = fleet.database;
  await applyAll(fleet.mergers, [deliveries(recordedFleet('run-01'))]);
  await settle(fleet);
  const before = fleet.bus.values(TOPICS.calls).length;
  const { rows } = await write.query<{ id: string }>(
    `update calls set revision = revision + 1 where id in (select id from calls where merged_into is null order by id limit 2)
     returning id`,
  );
  const [theirs, ours] = rows;
  await write.query('update calls set published_revision = revision where id = $1', [theirs?.id]);
  await settle(fleet);
  const published = fleet.bus.published.filter(({ topic }) => topic === TOPICS.calls).slice(before);
  assert.deepEqual(
    published.map(({ key }) => key),
    [ours?.id],
  );
});
