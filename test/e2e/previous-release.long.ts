import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { Fleet } from '../support/simulator/fleet.ts';
import { loadRecording } from '../support/simulator/recording.ts';
import { testDatabase } from '../support/stack/test-database.ts';
import { until } from '../support/until.ts';
import { type FleetMode, type ServiceName, startFleetMode } from './fleet-mode.ts';
import { readLegBooks } from './legs-stored.sql.ts';
import { unpackPreviousRelease } from './previous-release.ts';
import { addNodes, listCalls, switchfleet } from './product.ts';

const LONG_MS = 180_000;
const THIS = resolve(import.meta.dirname, '../..');
const USER = '1001@previous.example';
/** As operations.md says: consumers, collector, api, then the edges. */
const ORDER: ServiceName[] = ['writer', 'merger', 'collector', 'api', 'cdr', 'directory', 'routing'];

async function statusOfUser({ directoryUrl, freeswitch }: FleetMode): Promise<string> {
  const [user = '', domain = ''] = USER.split('@');
  const { username, password } = freeswitch;
  const answer = await fetch(`${directoryUrl}/freeswitch`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` },
    body: new URLSearchParams({
      ...{ hostname: 'fs01', section: 'directory', tag_name: 'domain', key_name: 'name', key_value: domain },
      ...{ action: 'sip_auth', key: 'id', user, domain },
    }),
    signal: AbortSignal.timeout(5_000),
  }).catch(() => undefined);
  return (await answer?.text())?.includes(`<user id="${user}"`) === true ? 'known' : 'not known';
}

test('the release before works on the schema of this one, and is replaced service by service while calls go on', async (t) => {
  const previous = await unpackPreviousRelease(t);
  t.diagnostic(`${previous.commit}, which does not know ${previous.unknown.join(', ')}`);
  assert.ok(previous.unknown.length > 0, 'it is another schema');
  const { connectionString, database } = await testDatabase(t);
  const environment = {
    DATABASE_URL: connectionString,
    KAFKA_NAMESPACE: `previous-${randomBytes(4).toString('hex')}`,
    KAFKA_PARTITIONS: '2',
    DRAIN_MS: '0',
  };
  const product = await startFleetMode(t, environment, previous.root);
  const fleet = new Fleet({
    recording: loadRecording('run-01'),
    nodes: 2,
    cores: 'fresh',
    cdr: () => ({
      urls: [`${product.cdrUrl}/cdr`],
      credentials: product.freeswitch,
      // while cdr is replaced nobody takes them
      retries: 120,
      delayMs: 1_000,
    }),
  });
  t.after(() => fleet.stop());
  await fleet.start();
  await addNodes(product, fleet.nodes, fleet.nodes[0]?.password ?? '');
  await switchfleet(product, 'user', 'add', USER, '--password', '1234');
  await fleet.subscribed({ timeoutMs: LONG_MS });
  await until(
    'a user that was just added is known',
    async () => (await statusOfUser(product)) === 'known',
    LONG_MS,
  );

  const play = async (seconds: number, meanwhile: () => Promise<void>) => {
    const playing = fleet.load({ cps: 2, seconds });
    await meanwhile();
    await playing.finished;
    const legs = fleet.ledger.acceptedUuids();
    assert.equal(legs.size, fleet.ledger.counts.posts, 'every CDR was taken');
    await until(
      'all is stored',
      async () => (await readLegBooks(database.write, legs)).missing === 0,
      LONG_MS,
    );
    assert.deepEqual(await readLegBooks(database.write, legs), { missing: 0, doubled: 0 });
    assert.ok((await listCalls(product)).length > 0);
  };
  await play(10, async () => undefined);

  await play(20, async () => {
    for (const service of ORDER) {
      await product.processes.get(service)?.stop('SIGTERM', LONG_MS);
      await product.startAgain(service, THIS);
    }
  });
  assert.equal(await statusOfUser(product), 'known');
  await play(10, async () => undefined);
});
