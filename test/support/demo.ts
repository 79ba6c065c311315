import { setTimeout as sleep } from 'node:timers/promises';
import { createClock } from '../../libs/clock/clock.ts';
import { messageOf } from '../../libs/errors/coded-error.ts';
import { type Stoppable, stopAll } from '../../libs/lifecycle/stoppable.ts';
import type { Call } from '../../libs/records/call.ts';
import { listCalls } from './demo/call-list.ts';
import { callTable } from './demo/call-table.ts';
import { type DemoStandalone, startDemoStandalone } from './demo/demo-standalone.ts';
import { compareCalls, type ExpectedCalls, loadExpected } from './expected-calls.ts';
import { type Fleet, type Playing, startFleet } from './simulator/fleet.ts';
import { loadRecording } from './simulator/recording.ts';

/**
 * `npm run demo`: standalone on a throw-away data directory, two fake FreeSWITCH servers that replay three minutes of
 * recorded traffic at twenty times its speed, and the calls that switchfleet made of it. Exits non-zero when one is missing.
 */
const RATE = 20;
const PATIENCE_MS = 20_000;
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
  for (const { switchname, host, port, password } of fleet.nodes) {
    await standalone.command(
      'node',
      'add',
      switchname,
      '--esl',
      `${host}:${port}`,
      '--esl-password',
      password,
    );
  }
  for (const user of USERS) await standalone.command('user', 'add', `${user}@lab.test`, '--password', '1234');
  await fleet.subscribed();
  say(`switchfleet listens to both; replaying run 01 at ${RATE} times its speed`);
  await replay(fleet);
  return await showCalls(standalone);
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
  const progress = setInterval(() => say(progressLine(fleet, playing)), 1000);
  try {
    await playing.finished;
  } finally {
    clearInterval(progress);
  }
  say(progressLine(fleet, playing));
}

function progressLine({ counts }: Fleet, { maxLagUs }: Playing): string {
  const { events, cdrs, answered, notFound, failedQuestions } = counts;
  return [
    `  ${events} events`,
    `${cdrs.accepted} CDRs accepted (${cdrs.failedAttempts} failed attempts)`,
    `${answered + notFound} directory questions answered, ${failedQuestions} failed`,
    `at most ${Math.round(maxLagUs / RATE / 1000)} ms late`,
  ].join(', ');
}

async function showCalls({ origins, secrets }: DemoStandalone): Promise<boolean> {
  const expected = await loadExpected('run-01');
  const api = { origin: origins.api, token: secrets.apiToken };
  const deadline = performance.now() + PATIENCE_MS;
  let calls = await listCalls(api);
  while (missingOf(expected, calls) > 0 && performance.now() < deadline) {
    await sleep(200);
    calls = await listCalls(api);
  }
  say(callTable(calls));
  const missing = missingOf(expected, calls);
  for (const difference of compareCalls(expected, calls))
    say(`not as a person reads the recording: ${difference}`);
  say(`${calls.length} calls, ${expected.calls.length} expected, ${missing} missing`);
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
