import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { loadExpected } from '../support/expected-calls.ts';
import type { Fleet } from '../support/simulator/fleet.ts';
import { skipWithoutKafka } from '../support/stack/test-brokers.ts';
import { until } from '../support/until.ts';
import { startFleetMode } from './fleet-mode.ts';
import { listCalls, type Product } from './product.ts';
import { replay, replayClock, settledDifferences } from './replay.ts';
import { makeDataDirectory, startStandalone } from './standalone.ts';

test('run 01 gives the expected calls: standalone, one process, PostgreSQL bus', async (t) => {
  const { clock, environment } = replayClock();
  const product = await startStandalone(t, { dataDir: makeDataDirectory(t), environment });
  await checkRun01(product, await replay(t, { product, run: 'run-01', clock }));
});

const skip = await skipWithoutKafka();

test('run 01 gives the expected calls: every service its own process, Kafka', { skip }, async (t) => {
  const { clock, environment } = replayClock();
  const product = await startFleetMode(t, environment);
  await checkRun01(product, await replay(t, { product, run: 'run-01', clock }));
});

async function checkRun01(product: Product, fleet: Fleet): Promise<void> {
  const expected = await loadExpected('run-01');
  assert.deepEqual(await settledDifferences(product, expected), []);

  const label = expected.calls.find((call) => call.label === 'cross-8122000-far-bye');
  const cross = (await listCalls(product)).find((call) => call.legs.includes(label?.legs[0] ?? ''));
  assert.deepEqual(cross?.nodes, ['fs01', 'fs02'], 'the call over two servers is one call');

  const accepted = fleet.ledger.acceptedUuids();
  assert.equal(accepted.size, 51, 'every leg of the run was posted');
  // calls are the merger's: the writer stores CDRs in its own time, and replaces JSON by the XML of the same leg
  let stored: { uuid: string; format: string }[] = [];
  const isStored = async () => {
    stored = await storedCdrs(product);
    return stored.length >= accepted.size && stored.every(({ format }) => format === 'xml');
  };
  await until('every CDR is stored', isStored).catch(() => undefined);
  assert.deepEqual(stored.map(({ uuid }) => uuid).toSorted(), [...accepted].toSorted(), 'each leg once');
  assert.deepEqual([...new Set(stored.map(({ format }) => format))], ['xml'], 'XML wins over JSON');
}

async function storedCdrs({ databaseUrl }: Product): Promise<{ uuid: string; format: string }[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<{ uuid: string; format: string }>('SELECT uuid::text, format FROM cdr')).rows;
  } finally {
    await client.end();
  }
}
