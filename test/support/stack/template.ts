import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import pg from 'pg';

const MIGRATIONS = resolve(import.meta.dirname, '../../../migrations');

/** Brings the database that tests are cloned from up to date, and leaves no connection to it. */
export async function migrateTemplate(connectionString: string): Promise<void> {
  const names = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).sort();
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    for (const name of names) await client.query(await readFile(join(MIGRATIONS, name), 'utf8'));
  } finally {
    await client.end();
  }
}
