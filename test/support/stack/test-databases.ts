import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { migrateTemplate } from './template.ts';

const LEAVE_MS = 5_000;

/** A database of one test. */
export interface TestDatabaseAddress {
  name: string;
  connectionString: string;
}

/** The test databases on one server: nothing else on it is ever touched. */
export interface TestDatabases {
  /** A fresh one: empty, or a clone of a template that all migrations ran on, once a run. */
  create(options: { migrated: boolean }): Promise<TestDatabaseAddress>;
  /** Drops one when its clients have left (after five seconds in any case). */
  drop(name: string): Promise<void>;
  /** Drops the template and every database that was neither dropped nor kept, and names the kept ones. */
  close(): Promise<{ kept: string[] }>;
  /** Marks one to stay when the rest goes. */
  keep(name: string): void;
}

/** Opens the test databases of this run on the server behind `connectionString`. */
export function openTestDatabases(connectionString: string): TestDatabases {
  const run = randomBytes(4).toString('hex');
  const admin = new pg.Pool({ connectionString, max: 4 });
  admin.on('error', () => undefined);
  const created = new Set<string>();
  const kept: string[] = [];
  let count = 0;
  let template: Promise<string> | undefined;

  const addressOf = (name: string) => {
    const url = new URL(connectionString);
    url.pathname = `/${name}`;
    return url.href;
  };

  async function createDatabase(from?: string): Promise<TestDatabaseAddress> {
    count += 1;
    const name = `switchfleet_test_${run}_${count}`;
    created.add(name);
    await admin.query(`create database ${name}${from === undefined ? '' : ` template ${from}`}`);
    return { name, connectionString: addressOf(name) };
  }

  async function createTemplate(): Promise<string> {
    const database = await createDatabase();
    await migrateTemplate(database.connectionString);
    return database.name;
  }

  async function drop(name: string): Promise<void> {
    if (!created.delete(name)) return;
    const deadline = performance.now() + LEAVE_MS;
    while ((await countClients(admin, name)) > 0 && performance.now() < deadline) await sleep(50);
    await admin.query(`drop database if exists ${name} with (force)`);
  }

  return {
    create: async ({ migrated }) => {
      if (!migrated) return createDatabase();
      template ??= createTemplate();
      return createDatabase(await template);
    },
    drop,
    keep: (name) => {
      if (created.delete(name)) kept.push(name);
    },
    close: async () => {
      await Promise.all([...created].map(drop));
      await admin.end();
      return { kept };
    },
  };
}

async function countClients(admin: pg.Pool, name: string): Promise<number> {
  const { rows } = await admin.query<{ count: number }>(
    'select count(*)::int as count from pg_stat_activity where datname = $1',
    [name],
  );
  return rows[0]?.count ?? 0;
}
