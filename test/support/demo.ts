import { setTimeout as sleep } from 'node:timers/promises';
import { createClock } from '../../libs/clock/clock.ts';
import { messageOf } from '../../libs/errors/coded-error.ts';
import { type Stoppable, stopAll } from '../../libs/lifecycle/stoppable.ts';
import type { Call } from '../../libs/records/call.ts';
import { listCalls } from './demo/call-list.ts';
import { callTable } from './demo/call-table.ts';
import { type DemoStandalone, startDemoStandalone } from './demo/demo-standalone.ts';
import { Progress } from './demo/progress.ts';
import { compareCalls, type ExpectedCalls, loadExpected } from './expected-calls.ts';
import { type Fleet, startFleet } from './simulator/fleet.ts';
import { loadRecording } from './simulator/recording.ts';

/**
 * `npm run demo`: standalone on a throw-away data directory, two fake FreeSWITCH servers that replay three minutes of
 * recorded traffic at twenty times its speed, and the calls that switchfleet made of it. Exits non-zero when one is missing.
 */
const RATE = 20;
const PATIENCE_MS = 40_000;
const LATE_MS = 200;
const USERS = ['1000', '1001', '1002', '1003'];

const say = (line: string) => process.stdout.write(`${line}\n`);

async function demo(started: Stoppable[]): Promise<boolean> {
  const began = Date.now();
  say('starting switchfleet (standalone, its own PostgreSQL) …');
  const standalone = await startDemoStandalone({ began, rate: RATE });
  started.push(standalone);
  const fleet = await startTwoNodes(standalone, began);
  started.push(fleet);
  say(
    `two fake FreeSWITCH servers: ${fleet.nodes.map((node) => `${node.switchname} at ${node.host}:${node.port}`).join(', ')}`,
  );
  await configure(standalone, fleet);
  await fleet.subscribed();
  say(`switchfleet listens to both; replaying run 01 at ${RATE} times its speed`);
  await replay(fleet);
  return await showCalls(standalone);
}

/** As an operator does it, by the `switchfleet` command. */
async function configure({ command }: DemoStandalone, { nodes }: Fleet): Promise<void> {
  const added = nodes.map(({ switchname, host, port, password }) =>
    command('node', 'add', switchname, '--esl', `${host}:${port}`, '--esl-password', password),
  );
  const users = USERS.map((user) => command('user', 'add', `${user}@lab.test`, '--password', '1234'));
  await Promise.all([...added, ...users]);
}

function startTwoNodes({ origins, secrets }: DemoStandalone, began: number): Promise<Fleet> {
  const credentials = { username: 'freeswitch', password: secrets.freeswitchPassword };
  return startFleet({
    recording: loadRecording('run-01'),
    clock: createClock({ began, rate: RATE }),
    cdr: { urls: [`${origins.cdr}/cdr`], credentials },
    jsonCdr: { urls: [`${origins.cdr}/json-cdr`], credentials },
    directory: { url: `${origins.directory}/freeswitch/directory`, credentials },
  });
}

async function replay(fleet: Fleet): Promise<void> {
  const playing = fleet.replay({ ending: 'stay' });
  const progress = new Progress(() => progressLine(fleet));
  try {
    await playing.finished;
  } finally {
    progress.end();
  }
  const lateMs = Math.round(playing.maxLagUs / RATE / 1000);
  if (lateMs > LATE_MS) say(`  (this machine is busy: events were sent up to ${lateMs} ms late)`);
}

function progressLine({ counts }: Fleet): string {
  const { events, cdrs, answered, notFound, failedQuestions } = counts;
  const failed = cdrs.failedAttempts + failedQuestions;
  return [
    `  ${events} events`,
    `${cdrs.accepted} CDRs accepted`,
    `${answered + notFound} directory questions answered`,
    ...(failed > 0 ? [`${failed} requests failed`] : []),
  ].join(', ');
}

async function showCalls({ origins, secrets }: DemoStandalone): Promise<boolean> {
  const expected = await loadExpected('run-01');
  const api = { origin: origins.api, token: secrets.apiToken };
  const deadline = performance.now() + PATIENCE_MS;
  let calls = await listCalls(api);
  // a call can be there before the last that is known of it
  const isWhole = () => missingOf(expected, calls) === 0 && compareCalls(expected, calls).length === 0;
  while (!isWhole() && performance.now() < deadline) {
    await sleep(200);
    calls = await listCalls(api);
  }
  say(`\n${callTable(calls)}\n`);
  const missing = missingOf(expected, calls);
  const differences = compareCalls(expected, calls);
  for (const difference of differences) say(`not as a person reads the recording: ${difference}`);
  const legs = calls.reduce((sum, call) => sum + call.legs.length, 0);
  say(
    differences.length === 0
      ? `${calls.length} calls of ${legs} legs on 2 servers: all as a person reads the recording`
      : `${calls.length} calls of ${legs} legs; ${expected.calls.length} expected, ${missing} missing`,
  );
  return missing === 0;
}

/** Expected calls of which no finished call has exactly the legs. */
function missingOf(expected: ExpectedCalls, calls: readonly Call[]): number {
  const keyOf = (legs: readonly string[]) => legs.toSorted().join();
  const found = new Set(calls.filter(({ state }) => state === 'finished').map(({ legs }) => keyOf(legs)));
  return expected.calls.filter(({ legs }) => !found.has(keyOf(legs))).length;
}

const began = performance.now();
const started: Stoppable[] = [];
let stopping: Promise<void> | undefined;
const stop = () => {
  stopping ??= stopAll(started);
  return stopping;
};
process.once('SIGINT', () => void stop().finally(() => process.exit(130)));
try {
  process.exitCode = (await demo(started)) ? 0 : 1;
} catch (error) {
  process.stderr.write(`demo: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
await stop();
say(`done in ${Math.round((performance.now() - began) / 1000)} s`);
