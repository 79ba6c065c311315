import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { startEmbeddedServer } from '../../libs/postgres/embedded-server.ts';
import { migrate } from '../../libs/postgres/migrate.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { startFleetMode } from '../../test/e2e/fleet-mode.ts';
import { type Product, switchfleet } from '../../test/e2e/product.ts';
import { startStandalone } from '../../test/e2e/standalone.ts';
import type { CdrSender } from './cdr-sender-process.ts';
import type { EventSender } from './event-sender-process.ts';
import type { Scope } from './scope.ts';
import { Sender } from './sender.ts';

export type PlaceName = 'standalone' | 'kafka';

/** A running switchfleet, a client of its PostgreSQL, and the processes that send to it. */
export interface Place {
  name: PlaceName;
  client: pg.Client;
  cdrs: Sender<CdrSender>;
  events: Sender<EventSender>;
}

export const MIGRATIONS = resolve(import.meta.dirname, '../../migrations');
const START: Record<PlaceName, (scope: Scope) => Promise<Product>> = {
  standalone: async (scope) => startStandalone(scope, { dataDir: await throwAwayFolder(scope) }),
  kafka: startKafkaFleet,
};

/** Starts switchfleet one way or the other, with one simulated node that it listens to. */
export async function openPlace(scope: Scope, name: PlaceName): Promise<Place> {
  const product = await START[name](scope);
  const client = new pg.Client({ connectionString: product.databaseUrl });
  await client.connect();
  scope.after(() => client.end());
  const { username, password } = product.freeswitch;
  const cdrs = new Sender<CdrSender>(scope, 'cdr-sender-process.ts', [
    `${product.cdrUrl}/cdr`,
    username,
    password,
  ]);
  const events = new Sender<EventSender>(scope, 'event-sender-process.ts', []);
  const node = await events.ask('node', undefined);
  const address = `${node.host}:${node.port}`;
  await switchfleet(
    product,
    'node',
    'add',
    node.switchname,
    '--esl',
    address,
    '--esl-password',
    node.password,
  );
  await events.ask('subscribed', undefined);
  return { name, client, cdrs, events };
}

/** A folder that PostgreSQL, which runs as a user of its own when this is root, may pass through. */
export async function throwAwayFolder(scope: Scope): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'switchfleet-bench-'));
  await chmod(folder, 0o711);
  scope.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'data');
}

/** Not on the PostgreSQL of tests, which does not wait for the disk: on one with the settings of the product. */
async function startKafkaFleet(scope: Scope): Promise<Product> {
  const logger = createLogger({ service: 'bench', level: 'warn' });
  const dataDirectory = await throwAwayFolder(scope);
  const server = await startEmbeddedServer({ dataDirectory, logger });
  scope.after(() => server.stop());
  await migrate({ connectionString: server.connectionString, directory: MIGRATIONS, logger });
  return startFleetMode(scope, { DATABASE_URL: server.connectionString });
}
