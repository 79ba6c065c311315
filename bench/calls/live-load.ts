import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startEmbeddedServer } from '../../libs/postgres/embedded-server.ts';
import { migrate } from '../../libs/postgres/migrate.ts';
import { createSecretBox } from '../../libs/sealing/secret-box.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { type Child, startChild } from '../../test/support/child-process.ts';
import { type Fleet, startFleet } from '../../test/support/simulator/fleet.ts';
import { loadRecording } from '../../test/support/simulator/recording.ts';
import { freePort } from '../../test/support/stack/free-port.ts';
import { testBrokers } from '../../test/support/stack/test-brokers.ts';
import { type Figure, figure } from '../figure.ts';
import { MIGRATIONS, throwAwayFolder } from '../main/place.ts';
import type { Scope } from '../main/scope.ts';

const SERVICES = ['merger', 'cdr', 'collector'] as const;
const PASSWORD = 'freeswitch-secret';
const POLL_MS = 25;
const YOUNG_MS = 3_000;
const READY_MS = 60_000;
/** Compiled code, grown heaps and pools: what calls of the first seconds take is not counted. */
const WARM_UP_US = 5_000_000;

interface LivePlace {
  client: pg.Client;
  fleet: Fleet;
  children: Map<(typeof SERVICES)[number], Child>;
}

/** One look at the processes: resident memory of the larger of collector and merger. */
interface Sample {
  megabytes: number;
}

/**
 * Calls of two simulated nodes in their own time, over the collector, cdr and merger as processes on real Kafka and
 * PostgreSQL: how long after its start a call has a row (99 of 100 calls are faster), the memory of the larger of collector
 * and merger at its highest, and by how much it grew over the last two thirds.
 */
export async function liveLoad(
  scope: Scope,
  { cps, seconds }: { cps: number; seconds: number },
): Promise<Figure[]> {
  const place = await openLivePlace(scope);
  const beganUs = Date.now() * 1000;
  const playing = place.fleet.load({ cps, seconds });
  const watching = { isOver: false };
  const seen = watchCalls(place.client, beganUs + WARM_UP_US, watching);
  const samples = watchMemory(place, watching);
  await playing.finished;
  watching.isOver = true;
  const delays = (await seen).sort((a, b) => a - b);
  const memory = (await samples).map(({ megabytes }) => megabytes);
  process.stderr.write(
    `${delays.length} calls seen, median ${delays[delays.length >> 1]?.toFixed(0)} ms, simulator late by ${(playing.maxLagUs / 1000).toFixed(0)} ms\n`,
  );
  const third = Math.floor(memory.length / 3);
  return [
    figure('calls.visible_p99_ms', delays[Math.floor(delays.length * 0.99)] ?? Number.NaN, 'ms', 'lower'),
    figure('calls.rss_mb', Math.max(...memory), 'MB', 'lower'),
    figure('calls.rss_growth_mb', (memory.at(-1) ?? 0) - (memory[third] ?? 0), 'MB', 'lower'),
  ];
}

async function openLivePlace(scope: Scope): Promise<LivePlace> {
  const logger = createLogger({ service: 'bench', level: 'warn' });
  const server = await startEmbeddedServer({ dataDirectory: await throwAwayFolder(scope), logger });
  scope.after(() => server.stop());
  const { connectionString } = server;
  await migrate({ connectionString, directory: MIGRATIONS, logger });
  const client = new pg.Client({ connectionString });
  // What went wrong before the server was stopped is the news, not that it was.
  client.on('error', (error) => process.stderr.write(`${error.message}\n`));
  await client.connect();
  scope.after(() => client.end());
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

/**
 * Milliseconds from the start of each call until it was first seen in table `calls`. Only young calls are asked for, as reading
 * all of them again and again would cost more than writing them: one that is seen later counts as `YOUNG_MS`.
 */
async function watchCalls(
  client: pg.Client,
  fromUs: number,
  watching: { isOver: boolean },
): Promise<number[]> {
  const seen = new Map<string, number>();
  const read = (sinceUs: number) =>
    client.query<{ id: string; start_us: number }>(
      `select id, (extract(epoch from start_at) * 1000000)::float8 as start_us from calls
       where start_at >= to_timestamp($1::float8 / 1e6)`,
      [sinceUs],
    );
  while (!watching.isOver) {
    const { rows } = await read(Math.max(fromUs, (Date.now() - YOUNG_MS) * 1000));
    const nowUs = Date.now() * 1000;
    for (const { id, start_us } of rows) if (!seen.has(id)) seen.set(id, (nowUs - start_us) / 1000);
    await sleep(POLL_MS);
  }
  const oldUs = (Date.now() - YOUNG_MS) * 1000;
  for (const { id, start_us } of (await read(fromUs)).rows) {
    if (start_us < oldUs && !seen.has(id)) seen.set(id, YOUNG_MS);
  }
  return [...seen.values()];
}

async function watchMemory({ children }: LivePlace, watching: { isOver: boolean }): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (; !watching.isOver; await sleep(1_000)) {
    const sizes = [children.get('merger'), children.get('collector')].map(async (child) =>
      residentMegabytes(child?.pid ?? 0),
    );
    samples.push({ megabytes: Math.max(...(await Promise.all(sizes))) });
  }
  return samples;
}

async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
