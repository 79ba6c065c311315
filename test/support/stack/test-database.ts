import { askStack } from './stack-client.ts';
import type { TestDatabaseAddress } from './test-databases.ts';

/** What a test context gives us: node:test's `t`. */
export interface Testing {
  readonly passed?: boolean;
  after(fn: () => Promise<void> | void): void;
  diagnostic(message: string): void;
}

/**
 * A fresh PostgreSQL database for one test, with all migrations applied (or none, with `migrated: false`). It is
 * dropped after the test passed, and kept, and named in the output, after it failed.
 */
export async function testDatabase(t: Testing, { migrated = true } = {}): Promise<TestDatabaseAddress> {
  const database = await askStack<TestDatabaseAddress>('POST', `/databases?migrated=${migrated}`);
  t.after(async () => {
    const keep = t.passed === false;
    if (keep) t.diagnostic(`database kept: ${database.connectionString}`);
    // Not waited for: pools that the test closes after this hook would hold up the drop.
    void askStack('DELETE', `/databases?name=${database.name}&keep=${keep}`).catch(() => undefined);
  });
  return database;
}
