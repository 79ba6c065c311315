import { CodedError } from '../errors/coded-error.ts';
import { type Database, databaseUnavailable } from './database.ts';
import { readApplied } from './migrate.ts';
import { type MigrationFile, readMigrations } from './migration-file.ts';

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
 * Whether this release can work with the database: services of a fleet don't migrate themselves.
 * @throws CodedError `schema-not-ready` (what is missing), `database-unavailable`
 */
export async function requireSchema(database: Pick<Database, 'write'>, directory: string): Promise<void> {
  const files = await readMigrations(directory);
  const missing = await missingOf(database, files).catch((error: unknown) => {
    throw databaseUnavailable(error, database.write.options.connectionString);
  });
  if (missing.length === 0) return;
  throw new CodedError('schema-not-ready', `migrations have not run: ${missing.join(', ')}`);
}

async function missingOf(database: Pick<Database, 'write'>, files: readonly MigrationFile[]) {
  const applied = await readApplied(database.write);
  return files.filter((file) => !applied.has(file.number)).map((file) => file.name);
}
