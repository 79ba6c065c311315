import { globSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { FILES_AT_ONCE } from './support/files-at-once.ts';
import { STACK_VARIABLE, type StackHost, spawnStackHost } from './support/stack/stack-client.ts';
import {
  replaceCounts,
  SKIP_FAILURE,
  slowestLines,
  summaryLines,
  type TestCounts,
} from './support/test-counts.ts';

/**
 * `npm test [-- [--long] FILES…]`: runs test files against real servers, which are started once for all of them and
 * stopped afterwards. The last lines are the test runner's counts. Exits non-zero when a test failed, when nothing
 * ran, or when CI=true and a test was skipped.
 */
const TIMEOUT_MS = 300_000;
const LONG_TIMEOUT_MS = 3_600_000;

const USAGE = 'usage: npm test [-- [--long] FILES…]';

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

/** Some hundred processes load the same modules: each strips and compiles them once, not anew. */
function shareCompiledModules(): void {
  process.env['NODE_COMPILE_CACHE'] ??= resolve('.cache/compiled');
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

const WHOLE_OUTPUT = new URL('./support/whole-output.ts', import.meta.url).href;

const FAILED_AT_LOAD: TestCounts = {
  tests: 1,
  suites: 0,
  passed: 0,
  failed: 1,
  cancelled: 0,
  skipped: 0,
  todo: 0,
  duration_ms: 0,
  success: false,
};

interface RunResult {
  all: TestCounts;
  /** the counts of every file that failed */
  failedFiles: Map<string, TestCounts>;
  /** how long every file took, in milliseconds */
  durations: Map<string, number>;
}

function runTests(files: string[], options: { long: boolean; concurrency: number }): Promise<RunResult> {
  const failedFiles = new Map<string, TestCounts>();
  const durations = new Map<string, number>();
  return new Promise((done, reject) => {
    const timeout = options.long ? LONG_TIMEOUT_MS : TIMEOUT_MS;
    process.env[FILES_AT_ONCE] = String(Math.min(options.concurrency, files.length));
    // A file whose tests are through ends: Node 24 may spin for ever while it closes the last handles of a process.
    const execArgv = ['--import', WHOLE_OUTPUT];
    const stream = run({ files, concurrency: options.concurrency, timeout, forceExit: true, execArgv });
    stream.on('test:summary', ({ file, counts, duration_ms, success }) => {
      const all = { ...counts, failed: failedOf(counts), duration_ms, success };
      if (file === undefined) {
        const lost = files.filter((one) => !durations.has(one) && !failedFiles.has(one));
        if (lost.length > 0) reject(new Error(`no counts of ${lost.join(', ')}`));
        return done({ all, failedFiles, durations });
      }
      durations.set(file, duration_ms);
      if (!success) failedFiles.set(file, all);
    });
    // A file that fails before its first test gives no counts of its own: it is one failed test.
    stream.on('test:fail', ({ file, nesting }) => {
      if (file !== undefined && nesting === 0 && !failedFiles.has(file))
        failedFiles.set(file, FAILED_AT_LOAD);
    });
    stream.on('error', reject);
    stream.compose(spec).pipe(process.stdout, { end: false });
  });
}

/**
 * Runs the files that failed once more, one at a time: on a busy machine a test of real servers may miss its deadline.
 * A failure that stays is a failure; one that goes is named, so that somebody looks at it.
 */
async function runAgainAlone(first: RunResult, long: boolean): Promise<TestCounts> {
  let counts = first.all;
  for (const [file, failed] of first.failedFiles) {
    console.log(`\nonce more, alone: ${relative(process.cwd(), file)}`);
    const { all } = await runTests([file], { long, concurrency: 1 });
    counts = replaceCounts(counts, failed, all);
    console.log(`${all.success ? 'FLAKY: failed first, passed alone' : 'failed again'}: ${file}`);
  }
  return { ...counts, success: counts.failed === 0 && counts.cancelled === 0 && counts.tests > 0 };
}

/** More failures than this are no accident of a busy machine. */
const RETRIED_FILES = 3;

/** Files at a time: tests of real servers wait more than they compute, and all of them share those servers. */
const CONCURRENCY = 3;

async function runAll(files: string[], long: boolean): Promise<TestCounts> {
  const first = await runTests(files, { long, concurrency: CONCURRENCY });
  if (files.length > 1) console.log(slowestLines(first.durations));
  const retried = first.failedFiles.size > 0 && first.failedFiles.size <= RETRIED_FILES && files.length > 1;
  return retried ? runAgainAlone(first, long) : first.all;
}

async function main(args: string[]): Promise<number> {
  const long = args.includes('--long');
  if (args.some((arg) => arg.startsWith('--') && arg !== '--long')) throw new Error(USAGE);
  const files = testFiles(args, long);
  if (files.length === 0) throw new Error('no test file matches');
  shareCompiledModules();
  const host = await spawnStackHost();
  shareStack(host);
  if (args.length === 0) warmUp(host);
  const counts = await runAll(files, long).finally(() => host.stop());
  const skippedInCi = process.env['CI'] === 'true' && counts.skipped > 0;
  if (skippedInCi) console.log(SKIP_FAILURE);
  console.log(summaryLines(counts));
  return counts.success && !skippedInCi ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
