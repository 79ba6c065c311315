import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import { startEmbeddedServer } from '../../libs/postgres/embedded-server.ts';
import { createTestLog } from '../libs/postgres/logger.ts';
import { startProxy } from '../libs/postgres/proxy.ts';
import { Fleet } from '../support/simulator/fleet.ts';
import { loadRecording } from '../support/simulator/recording.ts';
import { until } from '../support/until.ts';
import { startFleetMode } from './fleet-mode.ts';
import { readLegBooks } from './legs-stored.sql.ts';
import { addNodes, listCalls, type Product, switchfleet } from './product.ts';
import { makeDataDirectory, startStandalone } from './standalone.ts';

const LONG_MS = 180_000;
const CALLS = { cps: 2, seconds: 45 };
const NOWHERE = 'http://127.0.0.1:1';
const { logger } = createTestLog('error');

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'switchfleet-move-'));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  return folder;
}

/** Two servers whose CDRs go to an address that moves, and to a folder when nobody is there. */
async function startNodes(t: TestContext, cdrUrl: string, { username, password }: Product['freeswitch']) {
  const [errLogDir, address] = [await makeFolder(t), await startProxy(cdrUrl)];
  const urls = [`${new URL(address.connectionString).origin}/cdr`];
  const fleet = new Fleet({
    recording: loadRecording('run-01'),
    nodes: 2,
    cores: 'fresh',
    cdr: () => ({
      urls,
      credentials: { username, password },
      retries: 1,
      delayMs: 500,
      timeoutMs: 5_000,
      errLogDir,
    }),
  });
  t.after(async () => {
    await fleet.stop();
    await address.close();
  });
  await fleet.start();
  return { fleet, address, errLogDir };
}

/** As `switchfleet top` shows it: every consumer was heard after this began, and has nothing left to do. */
async function untilNoLag(product: Product): Promise<void> {
  const began = Date.now();
  await until(
    'no lag',
    async () => {
      const lines = (await switchfleet(product, 'top', '--once')).split('\n');
      const consumers = lines.filter((line) => /^(?:writer|merger) /.test(line));
      const since = (Date.now() - began) / 1_000;
      return (
        since > 10 &&
        consumers.length === 2 &&
        consumers.every((line) => Number(/ (\d+) s ago/.exec(line)?.[1]) < since && / 0 s /.test(line))
      );
    },
    LONG_MS,
  );
}

test('standalone is moved to fleet mode while calls go on: no CDR is lost or stored twice', async (t) => {
  const dataDir = makeDataDirectory(t);
  const before = await startStandalone(t, { dataDir });
  const { fleet, address, errLogDir } = await startNodes(t, before.cdrUrl, before.freeswitch);
  await addNodes(before, fleet.nodes, fleet.nodes[0]?.password ?? '');
  await fleet.subscribed({ timeoutMs: LONG_MS });
  const playing = fleet.load(CALLS);
  await until('CDRs come in', () => fleet.ledger.counts.accepted > 10, LONG_MS);

  address.redirect(NOWHERE);
  address.cut();
  await until('they are spooled', async () => (await readdir(errLogDir)).length > 0, LONG_MS);
  await untilNoLag(before);
  assert.equal(await before.child.stop('SIGTERM', LONG_MS), 0);

  const folder = await makeFolder(t);
  for (const name of ['postgres', 'postgres.password'])
    await cp(join(dataDir, name), join(folder, name), { recursive: true });
  const database = await startEmbeddedServer({ dataDirectory: folder, logger });
  t.after(() => database.stop());
  const { secretsKey = '', freeswitchPassword = '', kamailioPassword = '', apiToken = '' } = before.secrets;
  const after = await startFleetMode(t, {
    DATABASE_URL: database.connectionString,
    KAFKA_NAMESPACE: `move-${randomBytes(4).toString('hex')}`,
    KAFKA_PARTITIONS: '2',
    SECRETS_KEY: secretsKey,
    FREESWITCH_PASSWORD: freeswitchPassword,
    KAMAILIO_PASSWORD: kamailioPassword,
    API_TOKEN: apiToken,
  });
  address.redirect(after.cdrUrl);
  await fleet.subscribed({ timeoutMs: LONG_MS });
  await playing.finished;
  const credential = { FREESWITCH_USERNAME: 'freeswitch', FREESWITCH_PASSWORD: freeswitchPassword };
  const operator = { ...after, cliEnvironment: { ...after.cliEnvironment, ...credential } };
  await switchfleet(operator, 'cdr', 'import', errLogDir, '--delete', '--url', `${after.cdrUrl}/cdr`);
  assert.deepEqual(await readdir(errLogDir), []);

  const { posts, accepted, spooled, lost } = fleet.ledger.counts;
  t.diagnostic(`${posts} CDRs: ${accepted} taken at once, ${spooled} spooled`);
  assert.ok(spooled > 0);
  assert.equal(lost, 0);
  const legs = new Set(fleet.ledger.outcomes.map(({ uuid }) => uuid));
  assert.equal(legs.size, posts);
  const client = new pg.Client({ connectionString: database.connectionString });
  client.on('error', () => undefined);
  await client.connect();
  t.after(() => client.end());
  await until('all is stored', async () => (await readLegBooks(client, legs)).missing === 0, LONG_MS).catch(
    () => undefined,
  );
  assert.deepEqual(await readLegBooks(client, legs), { missing: 0, doubled: 0 });
  assert.ok((await listCalls({ ...after, apiToken })).length >= CALLS.cps * CALLS.seconds);
});
