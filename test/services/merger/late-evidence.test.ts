import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pool } from '../../../libs/postgres/database.ts';
import type { Call } from '../../../libs/records/call.ts';
import { TOPICS } from '../../../libs/records/topics.ts';
import { loadExpected } from '../../support/expected-calls.ts';
import { recordedFleet } from '../../support/recorded-fleet.ts';
import { applyAll, deliveries, fleetMergers, settle } from './fleet-mergers.ts';

test('a call that late evidence merges into another is published once more, as merged; the other with a higher revision', async (t) => {
  const { calls } = await loadExpected('run-01');
  const [first = '', between = '', last = ''] =
    calls.find(({ label }) => label === 'cross-8122000-far-bye')?.legs ?? [];
  const all = deliveries(recordedFleet('run-01')).filter(({ key }) => [first, between, last].includes(key));
  const fleet = await fleetMergers(t, 2);
  const published = () => fleet.bus.values<Call>(TOPICS.calls);

  // Nobody has heard yet of the leg that joins the two servers.
  await applyAll(fleet.mergers, [all.filter(({ key }) => key !== between)]);
  await settle(fleet);
  const apart = published();
  assert.deepEqual(apart.map(({ legs }) => legs.join()).sort(), [first, last].sort());

  await applyAll(fleet.mergers, [all.filter(({ key }) => key === between)]);
  await settle(fleet);
  // Whatever comes again says nothing new.
  await applyAll(fleet.mergers, [all, all]);
  await settle(fleet);
  const later = published().slice(apart.length);
  assert.equal(later.length, 2);
  const [whole, merged] = later.toSorted((x, y) => y.legs.length - x.legs.length);
  assert.deepEqual([whole?.legs, whole?.merged_into], [[first, between, last], null]);
  assert.equal(merged?.merged_into, whole?.id);
  for (const call of later) {
    const before = apart.find(({ id }) => id === call.id);
    assert.ok(call.revision > (before?.revision ?? call.revision), 'a higher revision of the same id');
  }
});

/** Counts the statements that go over the connections of a pool. */
function countStatements(pool: Pool): () => number {
  const counted = new WeakSet<object>();
  let statements = 0;
  pool.on('acquire', (client) => {
    if (counted.has(client)) return;
    counted.add(client);
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    client.query = ((...args: unknown[]) => {
      statements += 1;
      return query(...args);
    }) as typeof client.query;
  });
  return () => statements;
}

test('a batch of a thousand records takes a handful of statements, as one of two hundred does', async (t) => {
  const fleet = await fleetMergers(t, 1);
  const records = deliveries(recordedFleet('run-05'));
  const statements = countStatements(fleet.database.write);
  const taken: number[] = [];
  for (const size of [200, 1_000, 1_000]) {
    const before = statements();
    await applyAll(fleet.mergers, [records.splice(0, size)]);
    taken.push(statements() - before);
  }
  t.diagnostic(`statements: ${taken.join(', ')}`);
  for (const count of taken) assert.ok(count > 0 && count <= 80, `${taken}`);
});
