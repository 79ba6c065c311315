import pg from 'pg';
import { Client } from '../../../libs/postgres/client.ts';
import type { Database } from '../../../libs/postgres/database.ts';
import { askStack } from './stack-client.ts';
import type { TestDatabaseAddress } from './test-databases.ts';

/** What a test context gives us: node:test's `t`. */
export interface Testing {
  readonly passed?: boolean;
  after(fn: () => Promise<void> | void): void;
  diagnostic(message: string): void;
}

/** A database of one test. `database` has pools on it that need no closing. */
export interface TestDatabase extends TestDatabaseAddress {
  database: Database;
}

/**
 * A fresh PostgreSQL database for one test, with all migrations applied (or none, with `migrated: false`). It is
 * dropped after the test passed, and kept, and named in the output, after it failed.
 */
export async function testDatabase(t: Testing, { migrated = true } = {}): Promise<TestDatabase> {
  const address = await askStack<TestDatabaseAddress>('POST', `/databases?migrated=${migrated}`);
  t.after(() => {
    const keep = t.passed === false;
    if (keep) t.diagnostic(`database kept: ${address.name}`);
    // Not waited for: what the test closes after this hook would hold up the drop.
    void askStack('DELETE', `/databases?name=${address.name}&keep=${keep}`).catch(() => undefined);
  });
  return { ...address, database: openPools(address.connectionString) };
}

/** Idle connections neither keep the process alive nor the database from being dropped. */
function openPools(connectionString: string): Database {
  const pool = new pg.Pool({
    Client,
    connectionString,
    max: 5,
    allowExitOnIdle: true,
    idleTimeoutMillis: 1_000,
  });
  pool.on('error', () => undefined);
  return { write: pool, read: pool };
}
