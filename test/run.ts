import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { STACK_VARIABLE, type StackHost, spawnStackHost } from './support/stack/stack-client.ts';
import { SKIP_FAILURE, summaryLines, type TestCounts } from './support/test-counts.ts';

/**
 * `npm test [-- [--long] FILES…]`: runs test files against real servers, which are started once for all of them and
 * stopped afterwards. The last lines are the test runner's counts. Exits non-zero when a test failed, when nothing
 * ran, or when CI=true and a test was skipped.
 */
const TIMEOUT_MS = 300_000;
const LONG_TIMEOUT_MS = 3_600_000;

function testFiles(args: readonly string[], long: boolean): string[] {
  const named = args.filter((arg) => !arg.startsWith('--'));
  if (named.length > 0) return named.flatMap((name) => globSync(name)).map((name) => resolve(name));
  const pattern = long ? 'test/**/*.{test,long}.ts' : 'test/**/*.test.ts';
  return globSync(pattern)
    .map((name) => resolve(name))
    .sort();
}

/** Test files get the servers' addresses from the stack; their services must not find a person's own. */
function shareStack(host: StackHost): void {
  process.env[STACK_VARIABLE] = host.url;
  delete process.env['DATABASE_URL'];
  delete process.env['KAFKA_BROKERS'];
}

/** Starts both servers now, beside the tests that need none; a failure is told to the test that asks again. */
function warmUp(host: StackHost): void {
  void fetch(`${host.url}/brokers`).catch(() => undefined);
  void fetch(`${host.url}/databases?migrated=true`, { method: 'POST' }).catch(() => undefined);
}

/** The event has the figure, its type does not. */
function failedOf({
  tests,
  passed,
  cancelled,
  skipped,
  todo,
}: Omit<TestCounts, 'failed' | 'duration_ms' | 'success'>): number {
  return tests - passed - cancelled - skipped - todo;
}

function runTests(files: string[], long: boolean): Promise<TestCounts> {
  return new Promise((done, reject) => {
    const stream = run({ files, concurrency: 2, timeout: long ? LONG_TIMEOUT_MS : TIMEOUT_MS });
    stream.on('test:summary', ({ file, counts, duration_ms, success }) => {
      if (file === undefined) done({ ...counts, failed: failedOf(counts), duration_ms, success });
    });
    stream.on('error', reject);
    stream.compose(spec).pipe(process.stdout, { end: false });
  });
}

async function main(args: string[]): Promise<number> {
  const long = args.includes('--long');
  const files = testFiles(args, long);
  if (files.length === 0) throw new Error('no test file matches');
  const host = await spawnStackHost();
  shareStack(host);
  if (args.length === 0) warmUp(host);
  const counts = await runTests(files, long).finally(() => host.stop());
  const skippedInCi = process.env['CI'] === 'true' && counts.skipped > 0;
  if (skippedInCi) console.log(SKIP_FAILURE);
  if (!counts.success || skippedInCi) console.log(summaryLines(counts));
  return counts.success && !skippedInCi ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
