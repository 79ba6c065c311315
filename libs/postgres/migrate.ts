import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { CodedError } from '../errors/coded-error.ts';
import type { Logger } from '../telemetry/logger.ts';
import { Client } from './client.ts';
import { databaseUnavailable } from './database.ts';
import { requireUtf8 } from './encoding.ts';
import { type MigrationFile, readMigrations } from './migration-file.ts';
import { hasSqlState, isConnectionError, SQL_STATE } from './sql-state.ts';

export interface MigrateOptions {
  connectionString: string;
  /** folder of the numbered files */
  directory: string;
  logger: Logger;
  /** how long another process that migrates is waited for, milliseconds (default 5 minutes) */
  lockMs?: number;
  /** how long a server that no longer answers is waited for, milliseconds (default 30 seconds) */
  answerMs?: number;
  /** gives up before the next file; the one under way is applied to its end */
  signal?: AbortSignal | undefined;
}

/** A connection of its own: one that was given up is cut, not waited for. */
interface Connection {
  client: pg.Client;
  socket: Socket;
  answerMs: number;
}

/** Advisory locks of switchfleet are (our class, what is locked): classes must differ from those of libs/bus. */
const LOCK = 0x53_46_00_01;
const CONNECT_MS = 10_000;
/** Another process may be migrating: wait for it, but not for ever. */
const LOCK_MS = 300_000;
const ANSWER_MS = 30_000;
/** A file may rewrite a large table; a server that is gone is noticed by TCP keep-alive. */
const FILE_MS = 12 * 3_600_000;
const KEEP_ALIVE_MS = 10_000;

const CREATE = `
  CREATE TABLE IF NOT EXISTS schema_migrations (
    number     integer PRIMARY KEY,
    name       text NOT NULL,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`;

/**
 * Brings the database to the schema of `directory`: every file that was not applied yet, in the order of numbers, each
 * in a transaction of its own, under a session lock so that processes that start together take turns. A migration that
 * the database knows and the folder does not (this release is older) is only warned of.
 * @returns names of the files that were applied now
 * @throws CodedError `database-unavailable`, `database-not-utf8`, `migration-locked`, `migration-edited`, `migration-failed`, and those of `readMigrations`; the reason of `signal`
 */
export async function migrate({
  connectionString,
  directory,
  logger,
  lockMs = LOCK_MS,
  answerMs = ANSWER_MS,
  signal,
}: MigrateOptions): Promise<string[]> {
  const files = await readMigrations(directory);
  const connection = await connect({ connectionString, logger, answerMs });
  try {
    await takeTurn(connection, lockMs);
    await connection.client.query(CREATE);
    return await applyMissing(connection.client, files, { logger, signal });
  } catch (error) {
    throw isConnectionError(error) ? databaseUnavailable(error, connectionString) : error;
  } finally {
    await close(connection);
  }
}

/** Says goodbye, but does not wait for a server that no longer listens. */
async function close({ client, socket, answerMs }: Connection): Promise<void> {
  const ended = client.end().catch(() => undefined);
  await Promise.race([ended, sleep(answerMs, undefined, { ref: false })]);
  socket.destroy();
}

/** Waits until no other process migrates. @throws CodedError `migration-locked` */
async function takeTurn({ client, answerMs }: Connection, lockMs: number): Promise<void> {
  await client.query(`SET lock_timeout = ${lockMs}`);
  try {
    const turn = {
      text: 'SELECT pg_advisory_lock($1)',
      values: [LOCK],
      query_timeout: lockMs + answerMs,
    };
    await client.query(turn);
  } catch (cause) {
    if (!hasSqlState(cause, SQL_STATE.lockNotAvailable)) throw cause;
    const message = `another process has been migrating this database for ${lockMs / 1000} s`;
    throw new CodedError('migration-locked', message);
  }
  await client.query('SET lock_timeout = 0');
}

/** Applied migrations by number, empty where none ever ran. */
export async function readApplied(client: pg.ClientBase | pg.Pool): Promise<Map<number, MigrationFile>> {
  try {
    const { rows } = await client.query<MigrationFile>('SELECT number, name, sha256 FROM schema_migrations');
    return new Map(rows.map((row) => [row.number, row]));
  } catch (error) {
    if (hasSqlState(error, SQL_STATE.undefinedTable)) return new Map();
    throw error;
  }
}

interface ConnectOptions {
  connectionString: string;
  logger: Logger;
  answerMs: number;
}

async function connect({ connectionString, logger, answerMs }: ConnectOptions): Promise<Connection> {
  const socket = new Socket();
  try {
    // reads the files that the URL names
    const client = new Client({
      connectionString,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: answerMs,
      application_name: 'switchfleet migrate',
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      stream: () => socket,
    });
    client.on('error', (err) => logger.warn({ err }, 'the connection of the migration was lost'));
    await client.connect();
    return { client, socket, answerMs };
  } catch (error) {
    throw databaseUnavailable(error, connectionString);
  }
}

async function applyMissing(
  client: pg.Client,
  files: readonly MigrationFile[],
  { logger, signal }: Pick<MigrateOptions, 'logger' | 'signal'>,
): Promise<string[]> {
  const applied = await readApplied(client);
  if (applied.size === 0) await requireUtf8(client);
  refuseEdited(files, applied);
  warnOfNewer(files, applied, logger);
  const missing = files.filter((file) => !applied.has(file.number));
  for (const file of missing) {
    signal?.throwIfAborted();
    await apply(client, file);
    logger.info({ migration: file.name }, 'migration applied');
  }
  return missing.map((file) => file.name);
}

function refuseEdited(files: readonly MigrationFile[], applied: ReadonlyMap<number, MigrationFile>): void {
  for (const { number, name, sha256 } of files) {
    const before = applied.get(number);
    if (before === undefined || before.sha256 === sha256) continue;
    throw new CodedError(
      'migration-edited',
      `migration ${name} was edited after it ran (as ${before.name}): put it back and add a new file instead`,
      { details: { migration: name } },
    );
  }
}

function warnOfNewer(
  files: readonly MigrationFile[],
  applied: ReadonlyMap<number, MigrationFile>,
  logger: Logger,
): void {
  const known = new Set(files.map((file) => file.number));
  const newer = [...applied.values()].filter((file) => !known.has(file.number)).map((file) => file.name);
  if (newer.length > 0) logger.warn({ migrations: newer }, 'the database is newer than this release');
}

async function apply(client: pg.Client, file: MigrationFile): Promise<void> {
  try {
    await client.query('BEGIN');
    const work = { text: file.sql, query_timeout: FILE_MS };
    await client.query(work);
    await client.query('INSERT INTO schema_migrations (number, name, sha256) VALUES ($1, $2, $3)', [
      file.number,
      file.name,
      file.sha256,
    ]);
    await client.query('COMMIT');
  } catch (cause) {
    if (isConnectionError(cause)) throw cause;
    await client.query('ROLLBACK');
    throw new CodedError('migration-failed', `migration ${file.name} failed${lineOf(file.sql, cause)}`, {
      cause,
      details: { migration: file.name },
    });
  }
}

function lineOf(sql: string, error: unknown): string {
  if (!(error instanceof pg.DatabaseError) || error.position === undefined) return '';
  return ` at line ${sql.slice(0, Number(error.position)).split('\n').length}`;
}
