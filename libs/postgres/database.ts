import pg from 'pg';
import { Gauge } from 'prom-client';
import type { Config } from '../config/config.ts';
import { CodedError, codeOf, messageOf } from '../errors/coded-error.ts';
import type { Stoppable } from '../lifecycle/stoppable.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Registry } from '../telemetry/metrics.ts';
import { Client } from './client.ts';
import { showDatabase } from './database-figures.ts';
import { letGoOfValues } from './statement-values.ts';

export type { Pool, PoolClient } from 'pg';

/** The pools of a process. `write` is the primary, `read` a replica for reports (the primary where there is none). */
export interface Database {
  readonly write: pg.Pool;
  readonly read: pg.Pool;
}

export interface DatabaseOptions {
  config: Pick<
    Config,
    'DATABASE_URL' | 'DATABASE_READ_URL' | 'DATABASE_POOL_SIZE' | 'DATABASE_TIMEOUT_MS' | 'INSTANCE_ID'
  >;
  logger: Logger;
  /** where the pools' figures go, when given */
  metrics?: Registry;
}

export interface PoolOptions {
  connectionString: string;
  /** how PostgreSQL names the connections in pg_stat_activity */
  name: string;
  size: number;
  /** limit of connecting, of waiting for a free connection, and of a statement, milliseconds */
  timeoutMs: number;
  logger: Logger;
}

/**
 * Opens the pools without connecting: a database that is away shows at the first query, or in `checkDatabase`.
 * `stop` waits for queries in flight and closes both.
 * @throws CodedError `database-url-missing`
 */
export function openDatabase({ config, logger, metrics }: DatabaseOptions): Database & Stoppable {
  const shared = {
    name: `switchfleet ${config.INSTANCE_ID}`,
    size: config.DATABASE_POOL_SIZE,
    timeoutMs: config.DATABASE_TIMEOUT_MS,
    logger,
  };
  const write = openPool({ ...shared, connectionString: databaseUrl(config) });
  const readUrl = config.DATABASE_READ_URL;
  const read = readUrl === undefined ? write : openPool({ ...shared, connectionString: readUrl });
  if (metrics !== undefined) {
    showPools({ write, read }, metrics);
    showDatabase(write, metrics);
  }
  return {
    write,
    read,
    stop: async () => {
      await Promise.all([...new Set([write, read])].map((pool) => pool.end()));
    },
  };
}

/** DATABASE_URL. @throws CodedError `database-url-missing` */
export function databaseUrl(config: Pick<Config, 'DATABASE_URL'>): string {
  if (config.DATABASE_URL === undefined) {
    throw new CodedError('database-url-missing', 'environment variable DATABASE_URL must be set');
  }
  return config.DATABASE_URL;
}

/** A pool whose every wait has a limit and whose broken connections never end the process. */
export function openPool({ connectionString, name, size, timeoutMs, logger }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    Client,
    connectionString,
    application_name: name.slice(0, 63),
    max: size,
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    // The server's limit comes first; this one is for a server that no longer answers at all.
    query_timeout: timeoutMs + 2_000,
    idle_in_transaction_session_timeout: Math.max(timeoutMs, 60_000),
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
  });
  // pg hangs its client on the error, with the statement under way and its values: a log must not hold those.
  const report = (error: Error) => {
    // a server that stops just after us may cut what we were closing
    if (pool.ending) return;
    logger.warn({ reason: messageOf(error), code: codeOf(error) }, 'a database connection was lost');
  };
  pool.on('error', report);
  // A client that is checked out has no listener of the pool's: without this one a lost connection ends the process.
  pool.on('connect', (client) => client.on('error', report));
  pool.on('connect', letGoOfValues);
  return pool;
}

/** Resolves when the primary answers. @throws CodedError `database-unavailable` */
export async function checkDatabase(database: Pick<Database, 'write'>): Promise<void> {
  try {
    await database.write.query('SELECT 1');
  } catch (error) {
    throw databaseUnavailable(error, database.write.options.connectionString);
  }
}

/** One clear line for a database that cannot be used: where it was looked for (without its password) and why not. */
export function databaseUnavailable(cause: unknown, connectionString: string | undefined): CodedError {
  const where =
    connectionString === undefined ? 'the database' : `the database at ${placeOf(connectionString)}`;
  return new CodedError('database-unavailable', `${where} cannot be used: ${messageOf(cause)}`, {
    details: { cause: messageOf(cause) },
    publicMessage: 'the database cannot be used',
  });
}

function placeOf(connectionString: string): string {
  const url = URL.parse(connectionString);
  return url === null ? 'an unreadable address' : `${url.host}${url.pathname}`;
}

function showPools(pools: Database, metrics: Registry): void {
  const connections = new Gauge({
    name: 'switchfleet_database_connections',
    help: 'Connections of a pool by state; waiting counts queries that wait for one',
    labelNames: ['pool', 'state'],
    registers: [metrics],
    collect() {
      for (const [pool, { totalCount, idleCount, waitingCount }] of Object.entries(pools) as [
        string,
        pg.Pool,
      ][]) {
        connections.set({ pool, state: 'busy' }, totalCount - idleCount);
        connections.set({ pool, state: 'idle' }, idleCount);
        connections.set({ pool, state: 'waiting' }, waitingCount);
      }
    },
  });
}
