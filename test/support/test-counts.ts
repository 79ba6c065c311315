/** node:test's own figures of one run. */
export interface TestCounts {
  tests: number;
  suites: number;
  passed: number;
  failed: number;
  cancelled: number;
  skipped: number;
  todo: number;
  duration_ms: number;
  success: boolean;
}

/** The counts of a whole run after one of its files was run again: that file's second run stands for its first. */
export function replaceCounts(whole: TestCounts, first: TestCounts, second: TestCounts): TestCounts {
  const of = (name: Exclude<keyof TestCounts, 'success'>) => whole[name] - first[name] + second[name];
  return {
    tests: of('tests'),
    suites: of('suites'),
    passed: of('passed'),
    failed: of('failed'),
    cancelled: of('cancelled'),
    skipped: of('skipped'),
    todo: of('todo'),
    duration_ms: whole.duration_ms + second.duration_ms,
    success: whole.success,
  };
}

/** Said when CI=true and tests were skipped: there, everything must run. */
export const SKIP_FAILURE = 'CI=true: skipped tests count as failures';

/** The counts as node's spec reporter prints them, for the end of an output where failures stand after its own. */
export function summaryLines(counts: TestCounts): string {
  const rows = {
    tests: counts.tests,
    suites: counts.suites,
    pass: counts.passed,
    fail: counts.failed,
    cancelled: counts.cancelled,
    skipped: counts.skipped,
    todo: counts.todo,
    duration_ms: counts.duration_ms,
  };
  return Object.entries(rows)
    .map(([name, value]) => `\u2139 ${name} ${value}`)
    .join('\n');
}

const SLOWEST_SHOWN = 12;

/** The files that took longest, in seconds, for whoever wants the whole run shorter. */
export function slowestLines(durations: ReadonlyMap<string, number>): string {
  const rows = [...durations].sort(([, one], [, other]) => other - one).slice(0, SLOWEST_SHOWN);
  return [
    'slowest files, in seconds:',
    ...rows.map(([file, ms]) => `${Math.round(ms / 1000)}\t${file}`),
  ].join('\n');
}
