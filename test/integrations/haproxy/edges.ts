import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { type Child, startChild } from '../../support/child-process.ts';
import { freePort } from '../../support/stack/free-port.ts';
import { testBrokers } from '../../support/stack/test-brokers.ts';
import { testDatabase } from '../../support/stack/test-database.ts';
import { until } from '../../support/until.ts';

const SHIPPED = new URL('../../../integrations/haproxy/haproxy.cfg', import.meta.url);
export const EDGES = ['directory', 'cdr', 'routing'] as const;
export type Edge = (typeof EDGES)[number];
/** Longer than the interval of HAProxy's checks. */
const DRAIN_MS = 6_000;
const READY_MS = 120_000;
/** Nobody listens there. */
const NOBODY = 1;

/** Two instances of each edge behind the HAProxy that is shipped. */
export interface Edges {
  /** where HAProxy listens for each */
  urls: Readonly<Record<Edge, string>>;
  /** what opens the bus that cdr publishes to */
  busEnvironment: Record<string, string>;
  credentials: { freeswitch: string; kamailio: string };
  /** Ends one of two and starts it again; resolves when HAProxy uses it. */
  restart(edge: Edge, number: 1 | 2, signal: NodeJS.Signals): Promise<void>;
}

interface Instance {
  port: number;
  environment: Record<string, string>;
  child?: Child;
}

/** Starts two of each of these edges, and HAProxy before them. */
export async function startEdges(t: TestContext, edges: readonly Edge[]): Promise<Edges> {
  const { connectionString } = await testDatabase(t);
  const busEnvironment = {
    KAFKA_BROKERS: (await testBrokers()).join(','),
    KAFKA_NAMESPACE: `edges-${randomBytes(4).toString('hex')}`,
    KAFKA_PARTITIONS: '2',
  };
  const shared = {
    ...busEnvironment,
    DATABASE_URL: connectionString,
    SECRETS_KEY: randomBytes(32).toString('hex'),
    FREESWITCH_PASSWORD: 'freeswitch-secret',
    KAMAILIO_PASSWORD: 'kamailio-secret',
    DRAIN_MS: String(DRAIN_MS),
    // a test machine has other things to do: that it is late is not what is tested
    ROUTING_DELAY_LIMIT_MS: '10000',
    LOG_LEVEL: 'warn',
  };
  const instances = new Map<string, Instance>();
  for (const edge of edges)
    for (const number of [1, 2]) {
      const folder = mkdtempSync(join(tmpdir(), 'switchfleet-edge-'));
      t.after(() => rmSync(folder, { recursive: true, force: true }));
      const port = await freePort();
      const environment = { ...shared, DATA_DIR: folder, [`${edge.toUpperCase()}_PORT`]: String(port) };
      instances.set(`${edge}${number}`, { port, environment });
    }
  const start = async (name: string) => {
    const instance = instances.get(name);
    if (instance === undefined) throw new Error(`no instance ${name}`);
    const { environment, port } = instance;
    instance.child = startChild({ entry: `services/${name.slice(0, -1)}/main.ts`, environment });
    await until(`${name} is ready`, () => answers(`http://127.0.0.1:${port}/health/ready`), READY_MS);
  };
  t.after(async () => {
    await Promise.all([...instances.values()].map(({ child }) => child?.stop('SIGKILL')));
  });
  await Promise.all([...instances.keys()].map(start));
  const haproxy = await startHaproxy(t, (name) => instances.get(name)?.port ?? NOBODY);
  await haproxy.up([...instances.keys()]);
  return {
    urls: haproxy.urls,
    busEnvironment,
    credentials: {
      freeswitch: basic('freeswitch', shared.FREESWITCH_PASSWORD),
      kamailio: basic('kamailio', shared.KAMAILIO_PASSWORD),
    },
    restart: async (edge, number, signal) => {
      const name = `${edge}${number}`;
      await instances.get(name)?.child?.stop(signal, 60_000);
      await start(name);
      await haproxy.up([name]);
    },
  };
}

/** Debian's HAProxy with the shipped file, on free ports. */
async function startHaproxy(t: TestContext, portOf: (instance: string) => number) {
  const entries = await Promise.all(EDGES.map(async (edge) => [edge, await freePort()] as const));
  const ports = Object.fromEntries(entries) as Record<Edge, number>;
  const stats = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'switchfleet-haproxy-'));
  const file = join(folder, 'haproxy.cfg');
  const shipped = readFileSync(SHIPPED, 'utf8')
    .replace(
      /^( {4}server (\w+)) \S+/gm,
      (_line, server: string, name: string) => `${server} 127.0.0.1:${portOf(name)}`,
    )
    .replace(
      /(frontend (\w+)\n {4}bind) \S+/g,
      (_line, bind: string, edge: Edge) => `${bind} 127.0.0.1:${ports[edge]}`,
    );
  writeFileSync(
    file,
    `${shipped}\nfrontend stats\n    bind 127.0.0.1:${stats}\n    stats enable\n    stats uri /stats\n`,
  );
  await promisify(execFile)('haproxy', ['-c', '-f', file]);
  const child = spawn('haproxy', ['-db', '-f', file], { stdio: 'ignore' });
  const ended = new Promise((done) => child.once('close', done));
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  const states = async () => {
    const answer = await fetch(`http://127.0.0.1:${stats}/stats;csv`, { signal: AbortSignal.timeout(5_000) });
    const rows = (await answer.text()).split('\n').map((line) => line.split(','));
    return new Map(rows.map((row) => [row[1] ?? '', row[17] ?? '']));
  };
  return {
    urls: Object.fromEntries(EDGES.map((edge) => [edge, `http://127.0.0.1:${ports[edge]}`])) as Record<
      Edge,
      string
    >,
    up: (names: readonly string[]) =>
      until(
        `HAProxy uses ${names.join(', ')}`,
        async () => {
          const known = await states().catch(() => new Map<string, string>());
          return names.every((name) => known.get(name) === 'UP');
        },
        60_000,
      ),
  };
}

async function answers(url: string): Promise<boolean> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
  return answer?.ok === true;
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
