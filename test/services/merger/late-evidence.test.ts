import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeliveredRecord } from '../../../libs/bus/bus.ts';
import type { Pool } from '../../../libs/postgres/database.ts';
import type { Call } from '../../../libs/records/call.ts';
import type { Live } from '../../../libs/records/live.ts';
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
  const news = () => fleet.bus.values<Live>(TOPICS.live);
  const told = news().length;
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
  const ended = news()
    .slice(told)
    .flatMap((live) => (live.kind === 'call-ended' ? [live.call_id] : []));
  assert.deepEqual(
    ended,
    [merged?.id],
    'whoever shows the call that is a part of another one is told to stop',
  );
  for (const call of later) {
    const before = apart.find(({ id }) => id === call.id);
    assert.ok(call.revision > (before?.revision ?? call.revision), 'a higher revision of the same id');
  }
});

/** Collects how many statements each transaction on a pool has, BEGIN and COMMIT with them; one outside is one of its own. */
function watchTransactions(pool: Pool): () => number[] {
  const watched = new WeakSet<object>();
  let transactions: number[] = [];
  pool.on('acquire', (client) => {
    if (watched.has(client)) return;
    watched.add(client);
    let open = 0;
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    client.query = ((...args: unknown[]) => {
      const text = typeof args[0] === 'string' ? args[0] : '';
      if (open > 0 || text.startsWith('BEGIN')) open += 1;
      if (open === 0 || text === 'COMMIT' || text === 'ROLLBACK') {
        transactions.push(Math.max(open, 1));
        open = 0;
      }
      return query(...args);
    }) as typeof client.query;
  });
  return () => {
    const seen = transactions;
    transactions = [];
    return seen;
  };
}

/** Of legs: two parts of a batch side by side, each with the timeline of its legs beside it. */
const LANES = 4;
/** What was said of nodes; then which legs are to be judged by it, and these, in one part of two transactions or two of them. */
const JUDGED = 1 + 1 + LANES;
/** Fourteen are seen; where the parts of a batch meet at one root, one of them looks again, which takes three more. */
const STATEMENTS = 24;

test('a batch takes a handful of transactions of a dozen statements each, however many records it has', async (t) => {
  const fleet = await fleetMergers(t, 1);
  const [nodes, others] = partition(deliveries(recordedFleet('run-05')), TOPICS.nodeEvents);
  const transactions = watchTransactions(fleet.database.write);
  const take = async (batch: DeliveredRecord[]) => {
    await applyAll(fleet.mergers, [batch]);
    const taken = transactions();
    t.diagnostic(`${batch.length} records: transactions of ${taken.join(', ')} statements`);
    assert.ok(taken.length > 0 && Math.max(...taken) <= STATEMENTS, 'statements of one transaction');
    return taken.length;
  };
  assert.ok((await take(others.slice(0, 50))) <= LANES);
  assert.ok((await take(others)) <= LANES, '1,400 records that touch every leg');
  assert.ok((await take(others)) <= LANES, 'all of them again');
  assert.ok((await take(nodes)) <= JUDGED, 'the fate of a node, and of the legs on it');
});

function partition(
  records: readonly DeliveredRecord[],
  topic: string,
): [DeliveredRecord[], DeliveredRecord[]] {
  return [
    records.filter((record) => record.topic === topic),
    records.filter((record) => record.topic !== topic),
  ];
}

test('calls that ended before a clock was set back finish, and not when it is that late again', async (t) => {
  const fleet = await fleetMergers(t, 1);
  await applyAll(fleet.mergers, [deliveries(recordedFleet('run-01'))]);
  const live = async () => {
    const { rows } = await fleet.database.write.query<{ live: number }>(
      `select count(*)::integer as live from calls where state = 'live' and finish_at is not null`,
    );
    return rows[0]?.live;
  };
  const ended = (await live()) ?? 0;
  assert.ok(ended > 0);
  fleet.clock.nowAtUs -= 2 * 3_600_000_000;
  for (const merger of fleet.mergers) await merger.tick();
  assert.equal(await live(), 0, `of ${ended}`);
});
