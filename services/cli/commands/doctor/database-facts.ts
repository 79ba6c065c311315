import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Config } from '../../../../libs/config/config.ts';
import { messageOf } from '../../../../libs/errors/coded-error.ts';
import type { Database, Pool } from '../../../../libs/postgres/database.ts';
import { readApplied } from '../../../../libs/postgres/migrate.ts';
import { readMigrations } from '../../../../libs/postgres/migration-file.ts';
import { listPartitions } from '../../../../libs/postgres/partition.sql.ts';
import { coveredUntil } from '../../../../libs/postgres/partition-range.ts';
import { transaction } from '../../../../libs/postgres/transaction.ts';
import { cdrTables } from '../../../../libs/store/cdr-tables.ts';
import { mergerTables } from '../../../../libs/store/merger-tables.ts';
import type { Gathered } from './check.ts';
import type { DatabaseFacts } from './database-check.ts';
import { readReportFacts } from './report-facts.sql.ts';

const MIGRATIONS = fileURLToPath(new URL('../../../../migrations', import.meta.url));
const CONNECT_MS = 5_000;

/** Asks the database about itself. @throws what it or the network says */
export async function readDatabaseFacts(database: Database, config: Config): Promise<DatabaseFacts> {
  const pool = database.write;
  const server = await readServer(pool);
  const { missing, unknown } = await compareSchema(pool);
  return {
    ...server,
    missing,
    unknown,
    isPooled: await sharesBackend(String(pool.options.connectionString)),
    partitions: missing.length > 0 ? [] : await readPartitions(pool, config),
    replica: database.read === pool ? null : await askReplica(database.read),
    reports: await readReportFacts(pool),
  };
}

async function readServer(pool: Pool) {
  const askedMs = Date.now();
  const { rows } = await pool.query<{
    version: number;
    encoding: string;
    may_create: boolean;
    now_ms: number;
    used: number;
    most: number;
  }>(
    `select current_setting('server_version_num')::integer as version,
       current_setting('server_encoding') as encoding,
       has_schema_privilege(current_user, 'public', 'CREATE') as may_create,
       (extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms,
       (select count(*)::integer from pg_stat_activity where backend_type = 'client backend') as used,
       current_setting('max_connections')::integer as most`,
  );
  const row = rows[0];
  if (row === undefined) throw new Error('the server gave no answer');
  return {
    version: row.version,
    encoding: row.encoding,
    mayCreate: row.may_create,
    clockOffset: (row.now_ms - (askedMs + Date.now()) / 2) / 1000,
    connections: { used: row.used, most: row.most },
  };
}

async function compareSchema(pool: Pool): Promise<{ missing: string[]; unknown: number[] }> {
  const [files, applied] = [await readMigrations(MIGRATIONS), await readApplied(pool)];
  const known = new Set(files.map(({ number }) => number));
  return {
    missing: files.filter(({ number }) => !applied.has(number)).map(({ name }) => name),
    unknown: [...applied.keys()].filter((number) => !known.has(number)),
  };
}

/**
 * Two connections that are open at the same time have two backends, unless a pooler lends one backend to whoever has a
 * transaction just now.
 */
async function sharesBackend(connectionString: string): Promise<boolean> {
  const clients = [0, 1].map(
    () => new pg.Client({ connectionString, connectionTimeoutMillis: CONNECT_MS, query_timeout: CONNECT_MS }),
  );
  try {
    const backends: number[] = [];
    for (const client of clients) {
      client.on('error', () => undefined);
      await client.connect();
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      backends.push(rows[0]?.pid ?? 0);
    }
    return backends[0] === backends[1];
  } finally {
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
  }
}

async function readPartitions(pool: Pool, config: Config): Promise<DatabaseFacts['partitions']> {
  const nowUs = Date.now() * 1000;
  const tables = [...cdrTables(config), ...mergerTables(config)].map(({ table }) => table);
  return transaction(pool, async (client) => {
    const found: { table: string; ahead: number }[] = [];
    for (const table of tables) {
      const ranges = (await listPartitions(client, table)).flatMap(({ range }) => range ?? []);
      found.push({ table, ahead: (coveredUntil(ranges, nowUs) - nowUs) / 1_000_000 });
    }
    return found;
  });
}

async function askReplica(pool: Pool): Promise<Gathered<number>> {
  try {
    return { value: await readReplicaLag(pool) };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

/** A replica that has replayed all it was sent is not behind, however long nobody wrote. */
async function readReplicaLag(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ lag: number }>(
    `select case when not pg_is_in_recovery() or pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0
       else coalesce(extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()), 0) end::float8 as lag`,
  );
  return rows[0]?.lag ?? 0;
}
