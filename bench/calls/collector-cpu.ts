import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createSecretBox } from '../../libs/sealing/secret-box.ts';
import { startChild } from '../../test/support/child-process.ts';
import { freePort } from '../../test/support/stack/free-port.ts';
import { testBrokers } from '../../test/support/stack/test-brokers.ts';
import { testDatabase } from '../../test/support/stack/test-database.ts';
import { type Comparison, compare, type Figure } from '../figure.ts';
import type { EventSender } from '../main/event-sender-process.ts';
import type { Scope } from '../main/scope.ts';
import { Sender } from '../main/sender.ts';
import type { Modesl } from './modesl-process.ts';
import { readCpuSeconds } from './process-watch.ts';

/** Somebody that listens to a node: how many of its events are dealt with, and the CPU time spent since it began. */
interface Listener {
  name: string;
  sender: Sender<EventSender>;
  spent(): Promise<{ events: number; cpuSeconds: number }>;
}

const LONGEST_MS = 60_000;
const POLL_MS = 50;

/**
 * CPU time of the collector for an event, from its socket to Kafka's acknowledgement by all replicas, against that of bare
 * modesl which receives the same clones of recorded events as JSON and does nothing with them.
 */
export async function collectorCpuPerEvent(
  scope: Scope,
  options: { calls: number; rounds: number },
): Promise<Figure> {
  const [collector, bare] = [await openCollector(scope), await openModesl(scope)];
  // compiled code, grown heaps
  for (const listener of [collector, bare]) await microsecondsPerEvent(listener, options.calls);
  const comparison: Comparison = {
    name: 'calls.collector_cpu_per_event',
    unit: 'µs',
    better: 'lower',
    value: () => microsecondsPerEvent(collector, options.calls),
    baseline: () => microsecondsPerEvent(bare, options.calls),
  };
  return compare({ ...comparison, rounds: options.rounds });
}

async function microsecondsPerEvent({ name, sender, spent }: Listener, calls: number): Promise<number> {
  const { events } = await sender.ask('rehearse', { calls });
  const before = await spent();
  const { seconds } = await sender.ask('send', undefined);
  let after = await spent();
  for (const deadline = performance.now() + LONGEST_MS; after.events < before.events + events; ) {
    if (performance.now() > deadline)
      throw new Error(`${name} dealt with ${after.events - before.events} of ${events}`);
    await sleep(POLL_MS);
    after = await spent();
  }
  const microseconds = ((after.cpuSeconds - before.cpuSeconds) * 1e6) / events;
  process.stderr.write(
    `${name}: ${events} events read in ${seconds.toFixed(2)} s, ${microseconds.toFixed(1)} µs each\n`,
  );
  return microseconds;
}

async function openModesl(scope: Scope): Promise<Listener> {
  const sender = new Sender<EventSender>(scope, 'event-sender-process.ts', []);
  const modesl = new Sender<Modesl>(scope, '../calls/modesl-process.ts', []);
  const { host, port, password } = await sender.ask('node', undefined);
  await modesl.ask('connect', { host, port, password });
  return { name: 'modesl', sender, spent: () => modesl.ask('received', undefined) };
}

/** The collector as a process, on real Kafka and PostgreSQL, following one simulated node. */
async function openCollector(scope: Scope): Promise<Listener> {
  const sender = new Sender<EventSender>(scope, 'event-sender-process.ts', []);
  const { connectionString } = await testDatabase(scope);
  const secretsKey = randomBytes(32).toString('hex');
  await addNode(connectionString, secretsKey, await sender.ask('node', undefined));
  const port = await freePort();
  const child = startChild({
    entry: 'services/collector/main.ts',
    environment: {
      DATABASE_URL: connectionString,
      KAFKA_BROKERS: (await testBrokers()).join(','),
      KAFKA_NAMESPACE: `bench-${randomBytes(4).toString('hex')}`,
      SECRETS_KEY: secretsKey,
      COLLECTOR_PORT: String(port),
      LOG_LEVEL: 'warn',
    },
  });
  scope.after(async () => {
    await child.stop('SIGTERM', 40_000);
  });
  await sender.ask('subscribed', undefined);
  const spent = async () => ({
    events: await readPublished(port),
    cpuSeconds: await readCpuSeconds(child.pid),
  });
  return { name: 'collector', sender, spent };
}

async function addNode(
  connectionString: string,
  secretsKey: string,
  node: EventSender['node']['answers'],
): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(
    'insert into nodes (switchname, esl_host, esl_port, esl_password_encrypted) values ($1, $2, $3, $4)',
    [node.switchname, node.host, node.port, createSecretBox(secretsKey).seal(node.password)],
  );
  await client.end();
}

const PUBLISHED = /^switchfleet_collector_records_published_total\{[^}]*channel-events[^}]*\} (\S+)$/m;

/** Channel events that Kafka acknowledged, by the collector's own figures. */
async function readPublished(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(10_000) });
  return Number(PUBLISHED.exec(await response.text())?.[1] ?? 0);
}
