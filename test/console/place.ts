import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClock } from '../../libs/clock/clock.ts';
import { type Stoppable, stopAll } from '../../libs/lifecycle/stoppable.ts';
import { startChild } from '../support/child-process.ts';
import { type DemoStandalone, startDemoStandalone } from '../support/demo/demo-standalone.ts';
import { loadExpected } from '../support/expected-calls.ts';
import { type Fleet, startFleet } from '../support/simulator/fleet.ts';
import { loadRecording } from '../support/simulator/recording.ts';
import type { SimulatedNode } from '../support/simulator/simulated-node.ts';
import { until } from '../support/until.ts';

/** How much faster than ours its clock is. */
export const RATE = 20;

export const HOMER = 'https://homer.test/?id={call_id}&from={from_ms}';

/** A switchfleet that has seen a recorded run, with the console built, and the fake fleet that it still follows. */
export interface Place extends Stoppable {
  standalone: DemoStandalone;
  fleet: Fleet;
  /** where the api looks for recordings: a folder for each server in it */
  recordings: string;
  /** asks the api as its administrator */
  ask<T>(path: string, init?: RequestInit): Promise<T>;
}

export interface PlaceOptions {
  /** heartbeats that go on after the run, ms of its clock; none by default */
  heartbeatMs?: number;
}

/** Builds the console, starts standalone and two fake servers, replays run 01, and waits until its calls are finished. */
export async function openPlace({ heartbeatMs = 0 }: PlaceOptions = {}): Promise<Place> {
  const began = Date.now();
  const started: Stoppable[] = [];
  const stop = () => stopAll(started);
  try {
    const building = buildConsole();
    const recordings = await openRecordings(started);
    const environment = {
      RECORDING_ROOTS: '/srv/telephony/x2/{node}/recordings',
      RECORDING_DIR: join(recordings, '{node}'),
      API_HOMER_URL: HOMER,
    };
    const standalone = await startDemoStandalone({ began, rate: RATE, environment });
    started.push(standalone);
    if (!(await building)) throw new Error('the console cannot be built');
    const fleet = await startTwoNodes(standalone, { began, heartbeatMs });
    started.push(fleet);
    const ask = asker(standalone);
    await Promise.all(fleet.nodes.map((node) => addNode(ask, node)));
    await fleet.subscribed();
    await fleet.replay({ ending: 'stay' }).finished;
    const { calls } = await loadExpected('run-01');
    await until('all calls are finished', async () => (await countFinished(ask)) >= calls.length, 40_000);
    return { standalone, fleet, recordings, ask, stop };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

/** A folder that is gone when all is stopped. */
async function openRecordings(started: Stoppable[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'switchfleet-recordings-'));
  started.push({ stop: () => rm(folder, { recursive: true, force: true }) });
  return folder;
}

/** The api reads the bundle when it is first asked for it: both can be made at once. */
async function buildConsole(): Promise<boolean> {
  return (
    (await startChild({ entry: 'console/build.ts' })
      .ended(120_000)
      .catch(() => undefined)) === 0
  );
}

function startTwoNodes(
  { origins, secrets }: DemoStandalone,
  { began, heartbeatMs }: { began: number; heartbeatMs: number },
): Promise<Fleet> {
  const credentials = { username: 'freeswitch', password: secrets.freeswitchPassword };
  return startFleet({
    recording: loadRecording('run-01'),
    heartbeatMs,
    clock: createClock({ began, rate: RATE }),
    cdr: { urls: [`${origins.cdr}/cdr`], credentials },
    directory: { url: `${origins.directory}/freeswitch/directory`, credentials },
  });
}

function asker({ origins, secrets }: DemoStandalone) {
  return async <T>(path: string, init: RequestInit = {}): Promise<T> => {
    const headers = { authorization: `Bearer ${secrets.apiToken}`, ...init.headers };
    const answer = await fetch(origins.api + path, { ...init, headers, signal: AbortSignal.timeout(20_000) });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  };
}

async function addNode(
  ask: Place['ask'],
  { switchname, host, port, password }: SimulatedNode,
): Promise<void> {
  await ask('/v1/nodes', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ switchname, esl_host: host, esl_port: port, esl_password: password },
      sip_uri: `sip:${host}:5060`,
    }),
  });
}

async function countFinished(ask: Place['ask']): Promise<number> {
  const { items } = await ask<{ items: { state: string }[] }>('/v1/calls?limit=500');
  return items.filter(({ state }) => state === 'finished').length;
}
