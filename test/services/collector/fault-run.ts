import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { openBus } from '../../../libs/bus/open-bus.ts';
import { createClock } from '../../../libs/clock/clock.ts';
import { loadConfig } from '../../../libs/config/config.ts';
import { openDatabase } from '../../../libs/postgres/database.ts';
import { createSecretBox } from '../../../libs/sealing/secret-box.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createCdrService } from '../../../services/cdr/service.ts';
import { createMergerService } from '../../../services/merger/service.ts';
import { type Child, startChild } from '../../support/child-process.ts';
import { type Fleet, startFleet } from '../../support/simulator/fleet.ts';
import { loadRecording } from '../../support/simulator/recording.ts';
import { type Testing, testDatabase } from '../../support/stack/test-database.ts';
import { until } from '../../support/until.ts';

const SECRETS_KEY = 'ab'.repeat(32);
const CREDENTIALS = { username: 'freeswitch', password: 'freeswitch-secret' };
const HEARTBEAT_MS = 1_000;
const MARGIN_MS = 30_000;

export interface FaultRunOptions {
  /** simulated nodes */
  nodes: number;
  /** nodes that post CDRs; all by default */
  postsCdrs?: (switchname: string) => boolean;
  /** the bus: Kafka at these brokers; the database when absent */
  brokers?: string;
}

/** Simulated nodes under load, collectors as processes, cdr and merger in this one, on one fresh database that is the bus too. */
export interface FaultRun {
  fleet: Fleet;
  client: pg.Pool;
  connectionString: string;
  /** Starts a collector process; it ends with the test. */
  collect(instance: string, environment?: Readonly<Record<string, string>>): Child;
  /** The nodes that an instance holds by its leases. */
  heldBy(instance: string): Promise<string[]>;
  /** Resolves when no leg is open that no node has any more. @throws Error with their uuids when some still are */
  noneOpenThatIsGone(): Promise<void>;
  /** Legs whose CDR was accepted and that are in no call. */
  acceptedWithoutCall(): Promise<string[]>;
  /** What legs are open, and how many ended in which way. */
  ends(): Promise<Record<string, number>>;
}

export async function faultRun(t: Testing, options: FaultRunOptions): Promise<FaultRun> {
  const { connectionString } = await testDatabase(t);
  const client = new pg.Pool({ connectionString, max: 3 });
  t.after(() => client.end());
  const bus = busEnvironment(options.brokers);
  const cdrUrl = await startConsumers(t, { DATABASE_URL: connectionString, ...bus });
  const delivery = { urls: [cdrUrl], credentials: CREDENTIALS, retries: 3, delayMs: 200 };
  const posts = options.postsCdrs ?? (() => true);
  const fleet = await startFleet({
    recording: loadRecording('run-01'),
    nodes: options.nodes,
    cores: 'fresh',
    heartbeatMs: HEARTBEAT_MS,
    cdr: (switchname) => (posts(switchname) ? delivery : undefined),
  });
  t.after(() => fleet.stop());
  const secrets = createSecretBox(SECRETS_KEY);
  for (const { switchname, host, port, password } of fleet.nodes) {
    await client.query(
      'insert into nodes (switchname, esl_host, esl_port, esl_password_encrypted) values ($1, $2, $3, $4)',
      [switchname, host, port, secrets.seal(password)],
    );
  }
  const common = {
    DATABASE_URL: connectionString,
    SECRETS_KEY,
    COLLECTOR_PORT: '0',
    LOG_LEVEL: 'warn',
    ...bus,
  };
  return {
    fleet,
    client,
    connectionString,
    collect: (instance, more = {}) => {
      const child = startChild({
        entry: 'services/collector/main.ts',
        environment: { ...common, INSTANCE_ID: instance, ...more },
      });
      t.after(async () => {
        await child.stop('SIGKILL');
      });
      return child;
    },
    heldBy: (instance) => heldBy(client, instance),
    noneOpenThatIsGone: () => noneOpenThatIsGone(client, fleet),
    acceptedWithoutCall: () => withoutCall(client, fleet.ledger.acceptedUuids()),
    ends: () => countEnds(client),
  };
}

function busEnvironment(brokers: string | undefined): Record<string, string> {
  return brokers === undefined
    ? {}
    : {
        KAFKA_BROKERS: brokers,
        KAFKA_PARTITIONS: '3',
        KAFKA_NAMESPACE: `faults-${randomBytes(4).toString('hex')}`,
      };
}

/** The merger and cdr, in this process: they are not what is tested. @returns where CDRs are posted to */
async function startConsumers(t: Testing, places: Readonly<Record<string, string>>): Promise<string> {
  const config = loadConfig({
    ...places,
    MERGER_PORT: '0',
    CDR_PORT: '0',
    CALL_GRACE_MS: '200',
    FREESWITCH_USERNAME: CREDENTIALS.username,
    FREESWITCH_PASSWORD: CREDENTIALS.password,
  });
  const logger = createLogger({ service: 'test', level: 'silent' });
  const clock = createClock();
  const database = openDatabase({ config, logger });
  t.after(() => database.stop());
  const bus = await openBus({ config, logger, metrics: createMetrics('bus'), clock });
  t.after(() => bus.close());
  const dependencies = { config, clock, logger, bus, database };
  const merger = createMergerService({ ...dependencies, metrics: createMetrics('merger') });
  const cdr = createCdrService({ ...dependencies, metrics: createMetrics('cdr') });
  for (const service of [merger, cdr]) {
    await service.start();
    t.after(() => service.stop());
  }
  return `http://127.0.0.1:${cdr.port}/cdr`;
}

async function heldBy(client: pg.Pool, instance: string): Promise<string[]> {
  const { rows } = await client.query<{ node: string }>(
    'select node from node_leases where holder = $1 order by node',
    [instance],
  );
  return rows.map(({ node }) => node);
}

async function openLegs(client: pg.Pool): Promise<string[]> {
  const { rows } = await client.query<{ uuid: string }>('select uuid from legs where end_at is null');
  return rows.map(({ uuid }) => uuid);
}

async function noneOpenThatIsGone(client: pg.Pool, fleet: Fleet): Promise<void> {
  const isLive = (uuid: string) => fleet.nodes.some((node) => node.isUp && node.channels.has(uuid));
  const gone = async () => (await openLegs(client)).filter((uuid) => !isLive(uuid));
  await until('no leg is open that is gone', async () => (await gone()).length === 0, MARGIN_MS).catch(
    async (cause) => {
      throw new Error(`open, and gone: ${(await gone()).join(' ')}`, { cause });
    },
  );
}

async function withoutCall(client: pg.Pool, uuids: ReadonlySet<string>): Promise<string[]> {
  const missing = async () => {
    const { rows } = await client.query<{ uuid: string }>(
      `select said.uuid from unnest($1::text[]) as said (uuid)
       where not exists (select from legs join calls on calls.id = legs.call_id where legs.uuid = said.uuid)`,
      [[...uuids]],
    );
    return rows.map(({ uuid }) => uuid);
  };
  await until('all CDRs are applied', async () => (await missing()).length === 0, MARGIN_MS).catch(
    () => undefined,
  );
  return missing();
}

async function countEnds(client: pg.Pool): Promise<Record<string, number>> {
  const { rows } = await client.query<{ how: string; legs: number }>(
    `select coalesce(ended_by, 'open') as how, count(*)::integer as legs from legs group by 1 order by 1`,
  );
  return Object.fromEntries(rows.map(({ how, legs }) => [how, legs]));
}
