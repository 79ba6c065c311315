import pg from 'pg';
import { testDatabase } from '../test/support/stack/test-database.ts';
import type { Scope } from './main/scope.ts';

/** A database of a bench, and a connection to it. */
export interface FilledDatabase {
  connectionString: string;
  client: pg.Client;
}

/** Fills a fresh database by SQL, without its triggers: the change log stays empty, as after a restore. */
export async function openFilledDatabase(
  scope: Scope,
  statements: readonly string[],
): Promise<FilledDatabase> {
  const { connectionString } = await testDatabase(scope);
  const client = new pg.Client({ connectionString });
  await client.connect();
  scope.after(() => client.end());
  await client.query('set session_replication_role = replica');
  for (const statement of statements) await client.query(statement);
  await client.query('set session_replication_role = origin');
  await client.query('analyze');
  return { connectionString, client };
}
