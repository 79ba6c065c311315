import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Child, startChild } from '../support/child-process.ts';
import { freePort } from '../support/stack/free-port.ts';
import { testBrokers } from '../support/stack/test-brokers.ts';
import { type Testing, testDatabase } from '../support/stack/test-database.ts';
import type { Product } from './product.ts';
import { makeDataDirectory } from './standalone.ts';

export const SERVICES = ['writer', 'merger', 'api', 'directory', 'routing', 'cdr', 'collector'] as const;

export type ServiceName = (typeof SERVICES)[number];

/** The fleet mode with its processes, for tests that look at each or end one. */
export interface FleetMode extends Product {
  /** what every process was given */
  environment: Readonly<Record<string, string>>;
  /** where each service listens: http://127.0.0.1:PORT */
  urls: Readonly<Record<ServiceName, string>>;
  processes: Map<ServiceName, Child>;
  /** Starts a service again that was stopped, where it was; resolves when it is ready. From another checkout, where one is named. */
  startAgain(service: ServiceName, root?: string): Promise<void>;
}

/**
 * Every service as a process of its own, on real Kafka and real PostgreSQL: those of tests, or KAFKA_BROKERS and DATABASE_URL
 * (migrated) of `environment`. Resolves when all are ready. `root` is another checkout whose services are to run.
 */
export async function startFleetMode(
  t: Testing,
  environment: Readonly<Record<string, string>> = {},
  root = '',
): Promise<FleetMode> {
  const connectionString = environment['DATABASE_URL'] ?? (await testDatabase(t)).connectionString;
  const brokers = environment['KAFKA_BROKERS'] ?? (await testBrokers()).join(',');
  const ports = Object.fromEntries(
    await Promise.all(SERVICES.map(async (service) => [service, await freePort()] as const)),
  ) as Record<ServiceName, number>;
  const secrets = {
    SECRETS_KEY: randomBytes(32).toString('hex'),
    FREESWITCH_PASSWORD: 'freeswitch-secret',
    KAMAILIO_PASSWORD: 'kamailio-secret',
    API_TOKEN: 'administrator-token',
  };
  const shared = {
    DATABASE_URL: connectionString,
    KAFKA_BROKERS: brokers,
    // files that run beside this one have fleets of their own on the same brokers
    KAFKA_NAMESPACE: `fleet-${randomBytes(4).toString('hex')}`,
    LOG_LEVEL: 'warn',
    ...secrets,
  };
  const url = (service: ServiceName) => `http://127.0.0.1:${ports[service]}`;
  const processes = new Map<ServiceName, Child>();
  // before their folders are made: hooks run in the order they were given
  t.after(async () => {
    await Promise.all([...processes.values()].map((child) => child.stop('SIGTERM', 40_000)));
  });
  const folders = new Map(SERVICES.map((service) => [service, makeDataDirectory(t)]));

  async function startAgain(service: ServiceName, from = root): Promise<void> {
    const child = startChild({
      entry: join(from, `services/${service}/main.ts`),
      environment: {
        ...shared,
        DATA_DIR: folders.get(service) ?? '',
        [`${service.toUpperCase()}_PORT`]: String(ports[service]),
        ...environment,
      },
    });
    processes.set(service, child);
    await ready(`${url(service)}/health/ready`, () => child.output());
  }

  await Promise.all(SERVICES.map((service) => startAgain(service)));
  const entries = SERVICES.map((service) => [service, url(service)] as const);
  return {
    urls: Object.fromEntries(entries) as Record<ServiceName, string>,
    environment: { ...shared, ...environment },
    processes,
    startAgain,
    apiUrl: url('api'),
    cdrUrl: url('cdr'),
    directoryUrl: url('directory'),
    routingUrl: url('routing'),
    databaseUrl: connectionString,
    apiToken: secrets.API_TOKEN,
    freeswitch: { username: 'freeswitch', password: secrets.FREESWITCH_PASSWORD },
    cliEnvironment: { DATABASE_URL: connectionString, SECRETS_KEY: secrets.SECRETS_KEY },
  };
}

const READY_MS = 150_000;

async function ready(url: string, output: () => string): Promise<void> {
  const deadline = performance.now() + READY_MS;
  for (;;) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    if (answer?.ok) return;
    if (performance.now() > deadline) {
      throw new Error(`${url} is not ready: ${(await answer?.text()) ?? 'no answer'}\n${output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
