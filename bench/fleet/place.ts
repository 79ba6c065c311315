import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { createSecretBox } from '../../libs/sealing/secret-box.ts';
import { type FleetMode, startFleetMode } from '../../test/e2e/fleet-mode.ts';
import { Fleet } from '../../test/support/simulator/fleet.ts';
import { loadRecording } from '../../test/support/simulator/recording.ts';
import type { Scope } from '../main/scope.ts';
import { openStore } from '../main/store.ts';
import { type Child, startChild } from '../routing/child.ts';
import { type FleetSize, provisioningRows } from './fleet-size.ts';
import { Phones } from './phones.ts';

/** What `bench/directory` writes into its questions, too. */
const PASSWORD = 'secret';
const SUBSCRIBED_MS = 90_000;
const REGISTERED_MS = 120_000;
const REGISTERS_A_SECOND = 1_000;

/** A running fleet: simulated nodes in this process, every service in one of its own, real Kafka and PostgreSQL. */
export interface FleetPlace {
  size: FleetSize;
  product: FleetMode;
  client: pg.Client;
  fleet: Fleet;
  phones: Phones;
  /** processes that ask directory and routing */
  askers: { directory: Child; routing: Child };
}

/** Starts it all; resolves when every node is followed and every phone is registered. */
export async function openFleetPlace(scope: Scope, size: FleetSize): Promise<FleetPlace> {
  const { client, connectionString } = await openFleetStore(scope, size);
  const secretsKey = randomBytes(32).toString('hex');
  const product = await startFleetMode(scope, {
    DATABASE_URL: connectionString,
    KAFKA_NAMESPACE: `bench-${randomBytes(4).toString('hex')}`,
    SECRETS_KEY: secretsKey,
    FREESWITCH_PASSWORD: PASSWORD,
    KAMAILIO_PASSWORD: PASSWORD,
  });
  const fleet = await startNodes(scope, { size, cdrUrl: product.cdrUrl });
  await addNodes(client, fleet, secretsKey);
  await fleet.subscribed({ timeoutMs: SUBSCRIBED_MS });
  const phones = new Phones(size, fleet.nodes);
  await phones.registerAll(REGISTERS_A_SECOND);
  await untilRegistered(client, size.registrations);
  const askers = {
    directory: startChild(scope, '../directory/http-load-process.ts'),
    routing: startChild(scope, '../directory/http-load-process.ts'),
  };
  return { size, product, client, fleet, phones, askers };
}

/** A provisioned store, which also notes when each transaction was committed. */
async function openFleetStore(scope: Scope, size: FleetSize) {
  const store = await openStore(scope, { track_commit_timestamp: 'on' });
  const { client } = store;
  // without triggers: the change log stays empty, as after a restore
  await client.query('set session_replication_role = replica');
  for (const statement of provisioningRows(size)) await client.query(statement);
  await client.query('set session_replication_role = origin');
  await client.query('analyze');
  return store;
}

async function startNodes(
  scope: Scope,
  { size, cdrUrl }: { size: FleetSize; cdrUrl: string },
): Promise<Fleet> {
  const fleet = new Fleet({
    recording: loadRecording('run-01'),
    nodes: size.nodes,
    cores: 'fresh',
    heartbeatMs: 20_000,
    cdr: () => ({
      urls: [`${cdrUrl}/cdr`],
      credentials: { username: 'freeswitch', password: PASSWORD },
      retries: 3,
      delayMs: 1_000,
    }),
  });
  scope.after(() => fleet.stop());
  await fleet.start();
  return fleet;
}

async function addNodes(client: pg.Client, fleet: Fleet, secretsKey: string): Promise<void> {
  const box = createSecretBox(secretsKey);
  for (const { switchname, host, port, password } of fleet.nodes) {
    await client.query(
      `insert into nodes (switchname, esl_host, esl_port, esl_password_encrypted, sip_uri) values ($1, $2, $3, $4, $5)`,
      [switchname, host, port, box.seal(password), `sip:${switchname}.example:5060`],
    );
    await client.query('insert into dispatch_members (set_id, node) values (1, $1)', [switchname]);
  }
}

async function untilRegistered(client: pg.Client, wanted: number): Promise<void> {
  for (const deadline = performance.now() + REGISTERED_MS; ; await sleep(200)) {
    const { rows } = await client.query<{ count: number }>(
      'select count(*)::integer as count from registrations where not is_ended',
    );
    if (rows[0]?.count === wanted) return;
    if (performance.now() > deadline) throw new Error(`${rows[0]?.count} of ${wanted} phones are registered`);
  }
}
