import { randomBytes } from 'node:crypto';
import { startChild } from '../support/child-process.ts';
import { freePort } from '../support/stack/free-port.ts';
import { testBrokers } from '../support/stack/test-brokers.ts';
import { type Testing, testDatabase } from '../support/stack/test-database.ts';
import type { Product } from './product.ts';
import { makeDataDirectory } from './standalone.ts';

const SERVICES = ['writer', 'merger', 'api', 'directory', 'routing', 'cdr', 'collector'] as const;

/**
 * Every service as a process of its own, on real Kafka and real PostgreSQL (that of tests, or DATABASE_URL of
 * `environment`, migrated). Resolves when all are ready.
 */
export async function startFleetMode(
  t: Testing,
  environment: Readonly<Record<string, string>> = {},
): Promise<Product> {
  const connectionString = environment['DATABASE_URL'] ?? (await testDatabase(t)).connectionString;
  const brokers = await testBrokers();
  const ports = Object.fromEntries(
    await Promise.all(SERVICES.map(async (service) => [service, await freePort()] as const)),
  ) as Record<(typeof SERVICES)[number], number>;
  const secrets = {
    SECRETS_KEY: randomBytes(32).toString('hex'),
    FREESWITCH_PASSWORD: 'freeswitch-secret',
    KAMAILIO_PASSWORD: 'kamailio-secret',
    API_TOKEN: 'administrator-token',
  };
  const shared = {
    DATABASE_URL: connectionString,
    KAFKA_BROKERS: brokers.join(','),
    LOG_LEVEL: 'warn',
    ...secrets,
  };
  await Promise.all(
    SERVICES.map(async (service) => {
      const child = startChild({
        entry: `services/${service}/main.ts`,
        environment: {
          ...shared,
          DATA_DIR: makeDataDirectory(t),
          [`${service.toUpperCase()}_PORT`]: String(ports[service]),
          ...environment,
        },
      });
      t.after(async () => {
        await child.stop('SIGTERM', 40_000);
      });
      await ready(`http://127.0.0.1:${ports[service]}/health/ready`, () => child.output());
    }),
  );
  const url = (service: (typeof SERVICES)[number]) => `http://127.0.0.1:${ports[service]}`;
  return {
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

const READY_MS = 60_000;

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
