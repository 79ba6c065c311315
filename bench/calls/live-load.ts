import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { createSecretBox } from '../../libs/sealing/secret-box.ts';
import { type Child, startChild } from '../../test/support/child-process.ts';
import { type Fleet, startFleet } from '../../test/support/simulator/fleet.ts';
import { loadRecording } from '../../test/support/simulator/recording.ts';
import { freePort } from '../../test/support/stack/free-port.ts';
import { testBrokers } from '../../test/support/stack/test-brokers.ts';
import { type Figure, figure, percentile } from '../figure.ts';
import type { Scope } from '../main/scope.ts';
import { openStore } from '../main/store.ts';
import { watchCalls, watchFirstEvents } from './call-visibility.ts';
import { growthOf, type Watched, watchProcesses } from './process-watch.ts';

const SERVICES = ['merger', 'cdr', 'collector'] as const;
const PASSWORD = 'freeswitch-secret';
/** Whose memory is bounded; what the others take is for a person to see. */
const MEASURED: ReadonlySet<string> = new Set(['merger', 'collector']);
const READY_MS = 60_000;
/** Compiled code, grown heaps and pools: what calls of the first seconds take is not counted. */
const WARM_UP_US = 5_000_000;

interface LivePlace {
  client: pg.Client;
  fleet: Fleet;
  children: Map<(typeof SERVICES)[number], Child>;
}

/**
 * Calls of two simulated nodes in their own time, over the collector, cdr and merger as processes on real Kafka and
 * PostgreSQL: how long after its first event a call has a row (99 of 100 calls are faster), the memory of the larger of
 * collector and merger at its highest, and by how much one of them grew.
 */
export async function liveLoad(
  scope: Scope,
  { cps, seconds }: { cps: number; seconds: number },
): Promise<Figure[]> {
  const { client, fleet, children } = await openLivePlace(scope);
  const said = watchFirstEvents(fleet);
  const fromUs = Date.now() * 1000 + WARM_UP_US;
  const watching = { isOver: false };
  const playing = fleet.load({ cps, seconds });
  const seen = watchCalls(client, { said, fromUs, watching });
  const pids = new Map([...children].map(([name, { pid }]) => [name as string, pid]));
  const watched = watchProcesses(pids.set('simulator', process.pid), watching);
  await playing.finished;
  watching.isOver = true;
  const delays = await seen;
  const processes = await watched;
  const measured = processes.filter(({ name }) => MEASURED.has(name));
  process.stderr.write(
    `${describeDelays(delays)}, simulator late by ${(playing.maxLagUs / 1000).toFixed(0)} ms\n`,
  );
  for (const one of processes) process.stderr.write(`${describe(one)}\n`);
  return [
    figure('calls.visible_p99_ms', percentile(delays, 0.99), 'ms', 'lower'),
    figure('calls.rss_mb', Math.max(...measured.flatMap(({ megabytes }) => megabytes)), 'MB', 'lower'),
    figure(
      'calls.rss_growth_mb',
      Math.max(...measured.map(({ megabytes }) => growthOf(megabytes))),
      'MB',
      'lower',
    ),
  ];
}

function describeDelays(delays: readonly number[]): string {
  const [half, most, last] = [0.5, 0.9, 1].map((share) => percentile(delays, share).toFixed(0));
  return `${delays.length} calls seen, after ${half} ms (median), ${most} ms (nine of ten), ${last} ms (the last)`;
}

function describe({ name, cpu, megabytes }: Watched): string {
  const memory = `${Math.max(...megabytes).toFixed(0)} MB at most, grew by ${growthOf(megabytes).toFixed(1)} MB`;
  return `${name}: ${(cpu * 100).toFixed(0)} % of a core, ${memory}`;
}

async function openLivePlace(scope: Scope): Promise<LivePlace> {
  const { client, connectionString } = await openStore(scope);
  const cdrPort = await freePort();
  const secretsKey = randomBytes(32).toString('hex');
  const fleet = await startFleet({
    recording: loadRecording('run-01'),
    nodes: 2,
    cores: 'fresh',
    heartbeatMs: 20_000,
    cdr: () => ({
      urls: [`http://127.0.0.1:${cdrPort}/cdr`],
      credentials: { username: 'freeswitch', password: PASSWORD },
      retries: 3,
      delayMs: 500,
    }),
  });
  scope.after(() => fleet.stop());
  await addNodes(client, fleet, secretsKey);
  const environment = {
    DATABASE_URL: connectionString,
    KAFKA_BROKERS: (await testBrokers()).join(','),
    KAFKA_NAMESPACE: `bench-${randomBytes(4).toString('hex')}`,
    SECRETS_KEY: secretsKey,
    FREESWITCH_PASSWORD: PASSWORD,
    LOG_LEVEL: 'warn',
  };
  const children: LivePlace['children'] = new Map();
  for (const service of SERVICES) {
    const port = service === 'cdr' ? cdrPort : await freePort();
    children.set(service, await startService(scope, service, { port, environment }));
  }
  await fleet.subscribed();
  return { client, fleet, children };
}

async function addNodes(client: pg.Client, fleet: Fleet, secretsKey: string): Promise<void> {
  const box = createSecretBox(secretsKey);
  for (const { switchname, host, port, password } of fleet.nodes) {
    await client.query(
      'insert into nodes (switchname, esl_host, esl_port, esl_password_encrypted) values ($1, $2, $3, $4)',
      [switchname, host, port, box.seal(password)],
    );
  }
}

async function startService(
  scope: Scope,
  service: (typeof SERVICES)[number],
  { port, environment }: { port: number; environment: Readonly<Record<string, string>> },
): Promise<Child> {
  const child = startChild({
    entry: `services/${service}/main.ts`,
    environment: { ...environment, [`${service.toUpperCase()}_PORT`]: String(port) },
  });
  scope.after(async () => {
    await child.stop('SIGTERM', 40_000);
  });
  for (const deadline = performance.now() + READY_MS; ; await sleep(200)) {
    const url = `http://127.0.0.1:${port}/health/ready`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    if (answer?.ok) return child;
    if (performance.now() > deadline) throw new Error(`${service} is not ready:\n${child.output()}`);
  }
}
