import type { Clock } from '../clock/clock.ts';
import { CodedError } from '../errors/coded-error.ts';
import type { Logger } from '../telemetry/logger.ts';
import { type Database, databaseUnavailable } from './database.ts';
import { readApplied } from './migrate.ts';
import { type MigrationFile, readMigrations } from './migration-file.ts';

export interface WaitForSchemaOptions {
  database: Pick<Database, 'write'>;
  directory: string;
  clock: Clock;
  logger: Logger;
  /** how long to wait, milliseconds of the clock (default 5 minutes) */
  timeoutMs?: number;
  signal?: AbortSignal;
}

const POLL_MS = 500;

/** Names of the migrations of `directory` that the database has not; none means that the schema is ready. */
export async function missingMigrations(
  database: Pick<Database, 'write'>,
  directory: string,
): Promise<string[]> {
  return missingOf(database, await readMigrations(directory));
}

/** Whether every migration of `directory` has run. */
export async function schemaIsReady(database: Pick<Database, 'write'>, directory: string): Promise<boolean> {
  return (await missingMigrations(database, directory)).length === 0;
}

/**
 * Waits until another process has migrated the database: services of a fleet don't migrate themselves.
 * @throws CodedError `schema-not-ready` (what is missing), `database-unavailable`, when the time is over
 */
export async function waitForSchema(options: WaitForSchemaOptions): Promise<void> {
  const { database, directory, clock, logger, timeoutMs = 300_000, signal } = options;
  const files = await readMigrations(directory);
  const deadline = clock.nowUs() + timeoutMs * 1000;
  for (let isFirst = true; ; isFirst = false) {
    const problem = await problemOf(database, files);
    if (problem === undefined) return;
    if (clock.nowUs() >= deadline) throw problem;
    if (isFirst) logger.warn({ reason: problem.message }, 'waiting for the database schema');
    await clock.sleep(POLL_MS, signal);
  }
}

async function missingOf(database: Pick<Database, 'write'>, files: readonly MigrationFile[]) {
  const applied = await readApplied(database.write);
  return files.filter((file) => !applied.has(file.number)).map((file) => file.name);
}

async function problemOf(
  database: Pick<Database, 'write'>,
  files: readonly MigrationFile[],
): Promise<CodedError | undefined> {
  try {
    const missing = await missingOf(database, files);
    if (missing.length === 0) return undefined;
    return new CodedError('schema-not-ready', `migrations have not run: ${missing.join(', ')}`);
  } catch (error) {
    return databaseUnavailable(error, database.write.options.connectionString);
  }
}
