import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { loadExpected } from '../support/expected-calls.ts';
import { skipWithoutKafka } from '../support/stack/test-brokers.ts';
import { startFleetMode } from './fleet-mode.ts';
import { expectedWhenNoticed } from './killed-node.ts';
import { type Product, switchfleet } from './product.ts';
import { replay, replayClock, settledDifferences } from './replay.ts';
import { makeDataDirectory, startStandalone } from './standalone.ts';

test('run 05 gives the expected calls: standalone, one process, PostgreSQL bus', async (t) => {
  const { clock, environment } = replayClock();
  const product = await startStandalone(t, { dataDir: makeDataDirectory(t), environment });
  await checkRun05(t, product, clock);
});

const skip = await skipWithoutKafka();

test('run 05 gives the expected calls: every service its own process, Kafka', { skip }, async (t) => {
  const { clock, environment } = replayClock();
  const product = await startFleetMode(t, environment);
  await checkRun05(t, product, clock);
});

/** Three servers, two Kamailios between them, one of which masks Call-IDs; fs02 is killed, fs03 is stopped. */
async function checkRun05(
  t: TestContext,
  product: Product,
  clock: ReturnType<typeof replayClock>['clock'],
): Promise<void> {
  await switchfleet(product, 'proxy', 'add', 'kamailio', '127.0.0.20');
  await switchfleet(product, 'proxy', 'add', 'topoh', '127.0.0.21');
  const fleet = await replay(t, { product, run: 'run-05', clock, ending: 'as-recorded' });
  const run = { fleet, node: 'fs02', expected: await loadExpected('run-05') };
  assert.deepEqual(await settledDifferences(product, await expectedWhenNoticed(product, run)), []);
  assert.equal(
    fleet.ledger.acceptedUuids().size,
    236,
    'every leg posted its CDR but the four that were killed',
  );
}
