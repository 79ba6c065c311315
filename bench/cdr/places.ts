import { resolve } from 'node:path';
import pg from 'pg';
import { startEmbeddedServer } from '../../libs/postgres/embedded-server.ts';
import { migrate } from '../../libs/postgres/migrate.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { startStandalone } from '../../test/e2e/standalone.ts';
import { startChild } from '../../test/support/child-process.ts';
import { freePort } from '../../test/support/stack/free-port.ts';
import { startKafkaBroker } from '../../test/support/stack/kafka-broker.ts';
import { throwAwayFolder } from '../main/place.ts';
import type { Scope } from '../main/scope.ts';
import type { Target } from './post.ts';

const MIGRATIONS = resolve(import.meta.dirname, '../../migrations');
const CREDENTIALS = { username: 'freeswitch', password: 'bench' };

/** A CDR path, and a client of the database that it ends in. */
export interface CdrPlace extends Target {
  client: pg.Client;
  /** process number of service cdr, where it has a process of its own */
  pid?: number;
}

/** The whole product in one process, with its own database. */
export async function openStandalone(scope: Scope): Promise<CdrPlace> {
  const { cdrUrl, databaseUrl, freeswitch } = await startStandalone(scope, {
    dataDir: await throwAwayFolder(scope),
  });
  return { url: cdrUrl, ...freeswitch, client: await openClient(scope, databaseUrl) };
}

/** A PostgreSQL with the product's settings (it waits for the disk, as the one of tests does not). */
export async function openDatabaseServer(scope: Scope): Promise<string> {
  const logger = createLogger({ service: 'bench', level: 'warn' });
  const server = await startEmbeddedServer({ dataDirectory: await throwAwayFolder(scope), logger });
  scope.after(() => server.stop());
  return server.connectionString;
}

/** A fresh database on a server, migrated. */
export async function openDatabase(scope: Scope, server: string, name: string): Promise<string> {
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  await admin.query(`create database ${name}`);
  await admin.end();
  const url = new URL(server);
  url.pathname = `/${name}`;
  await migrate({
    connectionString: url.href,
    directory: MIGRATIONS,
    logger: createLogger({ service: 'bench', level: 'warn' }),
  });
  scope.diagnostic(`database ${name} is ready`);
  return url.href;
}

/** Services cdr and writer as processes of their own, on real Kafka. */
export async function openFleetPath(scope: Scope, databaseUrl: string): Promise<CdrPlace> {
  const broker = await startKafkaBroker();
  scope.after(() => broker.stop());
  const port = await freePort();
  const shared = {
    KAFKA_BROKERS: broker.address,
    LOG_LEVEL: 'warn',
    FREESWITCH_PASSWORD: CREDENTIALS.password,
  };
  await startProcess(
    scope,
    'services/writer/main.ts',
    {
      ...shared,
      DATABASE_URL: databaseUrl,
      WRITER_PORT: String(await freePort()),
      LOG_LEVEL: 'info',
    },
    /writer works/,
  );
  const cdr = await startProcess(
    scope,
    'services/cdr/main.ts',
    { ...shared, CDR_PORT: String(port), LOG_LEVEL: 'info' },
    /cdr works/,
  );
  return {
    url: `http://127.0.0.1:${port}`,
    ...CREDENTIALS,
    client: await openClient(scope, databaseUrl),
    pid: cdr,
  };
}

/** A baseline's process; it prints `ready PORT`. */
export async function openBaseline(scope: Scope, file: string, databaseUrl?: string): Promise<Target> {
  const child = startChild({
    entry: `bench/cdr/${file}`,
    environment: {
      FREESWITCH_PASSWORD: CREDENTIALS.password,
      ...(databaseUrl && { DATABASE_URL: databaseUrl }),
    },
  });
  scope.after(async () => void (await child.stop()));
  const [, port] = await child.printed(/ready (\d+)/);
  return { url: `http://127.0.0.1:${port}`, ...CREDENTIALS };
}

async function startProcess(
  scope: Scope,
  entry: string,
  environment: Record<string, string>,
  ready: RegExp,
): Promise<number> {
  const child = startChild({ entry, environment });
  scope.after(async () => void (await child.stop('SIGTERM', 40_000)));
  await child.printed(ready, 60_000);
  return child.pid;
}

export async function openClient(scope: Scope, connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  scope.after(() => client.end());
  return client;
}
