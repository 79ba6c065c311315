import { rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedServer } from '../../../libs/postgres/embedded-server.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { requireDockerImage } from './docker.ts';
import { guardServer } from './guard.ts';
import { noteServer, openRunDirectory } from './run-directory.ts';
import { firstServer, type ServerSource, type TestServer, within } from './test-server.ts';

const IMAGE = 'postgres:17-alpine';
const START_MS = 120_000;
/** Not under the checkout, which another user, as PostgreSQL has to be when root tests, may not be able to enter. */
const RUNS = join(tmpdir(), 'switchfleet-test-postgres');
/** Data of the last run with a failed test; `kept-databases.ts` serves it. */
export const KEPT_DATA = join(RUNS, 'kept');
/** A test database may be lost with the machine, so it need not wait for the disk. */
const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '300',
};

/** A PostgreSQL for tests: DATABASE_URL, else Docker, else the embedded one. @throws AggregateError of the reasons */
export function startPostgres(environment: NodeJS.ProcessEnv): Promise<TestServer> {
  return firstServer([
    given(environment['DATABASE_URL']),
    { name: 'Docker', start: startContainer },
    { name: 'embedded', start: startEmbedded },
  ]);
}

function given(address: string | undefined): ServerSource {
  return {
    name: 'DATABASE_URL',
    start: async () => {
      if (!address) throw new Error('is not set');
      return { address, origin: 'DATABASE_URL', keptHint: 'on that server', stop: async () => undefined };
    },
  };
}

async function startContainer(): Promise<TestServer> {
  await requireDockerImage(IMAGE);
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
  const flags = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const start = new PostgreSqlContainer(IMAGE).withCommand(['postgres', ...flags]).start();
  const container = await within(START_MS, 'the PostgreSQL container', start);
  return {
    address: container.getConnectionUri(),
    origin: `Docker (${IMAGE})`,
    keptHint: 'gone with their container',
    stop: async () => {
      await container.stop();
    },
  };
}

/** The product's own embedded server, on a folder of this run. */
async function startEmbedded(): Promise<TestServer> {
  const directory = await openRunDirectory(RUNS);
  const logger = createLogger({ service: 'test', level: 'error' });
  const server = await startEmbeddedServer({ dataDirectory: directory, logger, settings: SETTINGS });
  const release = guardServer({ pid: server.pid, directory, signal: 'INT' });
  await noteServer(directory, server.pid);
  return {
    address: server.connectionString,
    origin: 'embedded PostgreSQL',
    keptHint: 'node test/support/stack/kept-databases.ts serves them',
    stop: async ({ keepData } = { keepData: false }) => {
      await server.stop();
      release();
      if (keepData) await keepDirectory(directory);
      else await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The databases of the last run that failed, to be looked at; an earlier run's make room. */
async function keepDirectory(directory: string): Promise<void> {
  await rm(KEPT_DATA, { recursive: true, force: true });
  await rename(directory, KEPT_DATA);
}
