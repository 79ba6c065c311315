import { describe, type TestContext, test } from 'node:test';
import { setUp } from './contract-bench.ts';
import { GROUP_PROMISES } from './contract-groups.ts';
import { RECORD_PROMISES } from './contract-records.ts';
import type { TestEnvironment } from './test-bus.ts';

/**
 * What every bus must do, whatever carries it. `prepare` gives the environment variables of a bus that works
 * (KAFKA_BROKERS or DATABASE_URL); it is called once for each test, with the test's context to clean up after itself.
 */
export function busContract(name: string, prepare: (t: TestContext) => Promise<TestEnvironment>): void {
  describe(`the ${name} bus`, () => {
    for (const [promise, prove] of Object.entries({ ...RECORD_PROMISES, ...GROUP_PROMISES })) {
      test(promise, { timeout: 120_000 }, async (t) => prove(await setUp(t, prepare)));
    }
  });
}
