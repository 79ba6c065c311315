import { chmod, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../libs/config/config.ts';
import { type Database, openDatabase } from '../../libs/postgres/database.ts';
import { startEmbeddedServer } from '../../libs/postgres/embedded-server.ts';
import { migrate } from '../../libs/postgres/migrate.ts';
import { rebuild } from '../../libs/store/rollup.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { storedRun05 } from '../../test/support/stored-fleet.ts';
import { MIGRATIONS } from '../main/place.ts';
import type { Scope } from '../main/scope.ts';
import { ATTACH, type CloneRange, clonedCalls, clonedLegs, MAKE_TABLES } from './clone.sql.ts';
import { copyClones } from './clone-copy.ts';

/** A PostgreSQL with the product's own settings and a month of calls. */
export interface StoredMonth {
  connectionString: string;
  database: Database;
  fromUs: number;
  toUs: number;
}

/** Calls of a load that was left half done are made again. */
const CHUNK = 100_000;
const DAY_US = 86_400_000_000;
const FROM_US = Date.UTC(2026, 9, 1) * 1000;
const TO_US = Date.UTC(2026, 10, 1) * 1000;

/**
 * A month of `calls` calls, cloned from those of run 05 with their legs: other ids, times and numbers, everything else as it was
 * recorded. Kept in the folder for temporary files between runs.
 */
export async function openStoredMonth(scope: Scope, calls: number): Promise<StoredMonth> {
  const logger = createLogger({ service: 'bench', level: 'warn' });
  const folder = join(tmpdir(), 'switchfleet-bench-kept');
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o711);
  const server = await startEmbeddedServer({ dataDirectory: join(folder, `api-${calls}`), logger });
  scope.after(() => server.stop());
  const { connectionString } = server;
  await migrate({ connectionString, directory: MIGRATIONS, logger });
  const config = loadConfig({ DATABASE_URL: connectionString, DATABASE_TIMEOUT_MS: '600000' });
  const database = openDatabase({ config, logger });
  scope.after(() => database.stop());
  await load(scope, { database, connectionString }, calls);
  return { connectionString, database, fromUs: FROM_US, toUs: TO_US };
}

async function load(
  scope: Scope,
  { database: { write }, connectionString }: Pick<StoredMonth, 'database' | 'connectionString'>,
  calls: number,
): Promise<void> {
  await write.query('create table if not exists bench_loaded (chunk integer primary key)');
  const { rows } = await write.query<{ chunk: number }>('select chunk from bench_loaded');
  const loaded = new Set(rows.map(({ chunk }) => chunk));
  if (loaded.has(-1)) return;
  const began = performance.now();
  if (loaded.size === 0) await prepare(scope, write);
  const rangeOf = (chunk: number): CloneRange => ({
    from: chunk * CHUNK,
    to: Math.min(calls, (chunk + 1) * CHUNK),
    firstUs: FROM_US,
    stepUs: (TO_US - FROM_US) / calls,
  });
  for (let chunk = 0; chunk * CHUNK < calls; chunk += 1) {
    if (loaded.has(chunk)) continue;
    const range = rangeOf(chunk);
    const done = `insert into bench_loaded values (${chunk})`;
    await copyClones(connectionString, [clonedCalls(range), clonedLegs(range)], done);
    process.stderr.write(`${range.to} calls loaded\n`);
  }
  for (const statement of ATTACH) await write.query(statement);
  await rebuild(write, { fromUs: FROM_US, toUs: TO_US + DAY_US });
  await write.query({ text: 'vacuum analyze' });
  await write.query('insert into bench_loaded values (-1)');
  process.stderr.write(`loaded in ${Math.round((performance.now() - began) / 1000)} s\n`);
}

/** The recorded calls and legs, as a merger stores them, become templates. */
async function prepare(scope: Scope, write: Database['write']): Promise<void> {
  const { database } = await storedRun05(scope);
  const copy = async (table: string) => {
    const { rows } = await database.read.query(`select to_jsonb(t) as row from ${table} t`);
    return JSON.stringify(rows.map(({ row }) => row));
  };
  const [calls, legs] = [await copy('calls'), await copy('legs')];
  for (const statement of MAKE_TABLES) await write.query(statement);
  await write.query(
    'insert into bench_calls select row_number() over () - 1, c.* from jsonb_populate_recordset(null::calls, $1) c where merged_into is null',
    [calls],
  );
  await write.query(
    'insert into bench_legs select place, l.* from jsonb_populate_recordset(null::legs, $1) l join bench_calls b on l.uuid = any(b.legs)',
    [legs],
  );
}
