import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { until } from '../support/until.ts';
import { docker, logsOf } from './docker.ts';

export const ROOT = resolve(import.meta.dirname, '../..');
const READY_MS = 120_000;

/**
 * A network with a PostgreSQL and a Kafka, and what services need to be told of them. Containers that join it must be gone before:
 * hooks of a test run in the order in which they were made.
 */
export async function startStores(
  t: TestContext,
): Promise<{ network: string; environment: Record<string, string> }> {
  const network = `switchfleet-${randomBytes(4).toString('hex')}`;
  const containers: string[] = [];
  await docker(['network', 'create', network]);
  t.after(async () => {
    await docker(['rm', '-f', '-v', ...containers]);
    await docker(['network', 'rm', network]);
  });
  const password = randomBytes(12).toString('hex');
  const account = { POSTGRES_USER: 'switchfleet', POSTGRES_DB: 'switchfleet', POSTGRES_PASSWORD: password };
  const postgres = await start({ network, name: 'postgres', image: 'postgres:18', environment: account });
  const kafka = await start({ network, name: 'kafka', image: 'apache/kafka:4.1.0', environment: KAFKA });
  containers.push(postgres, kafka);
  await answering(postgres, ['pg_isready', '-U', 'switchfleet', '-d', 'switchfleet']);
  await answering(kafka, [
    '/opt/kafka/bin/kafka-topics.sh',
    '--bootstrap-server',
    'localhost:9092',
    '--list',
  ]);
  return {
    network,
    environment: {
      DATABASE_URL: `postgres://switchfleet:${password}@postgres:5432/switchfleet`,
      KAFKA_BROKERS: 'kafka:9092',
      DATA_DIR: '/tmp/switchfleet',
      DRAIN_MS: '5000',
      SECRETS_KEY: randomBytes(32).toString('hex'),
      FREESWITCH_PASSWORD: randomBytes(12).toString('hex'),
      KAMAILIO_PASSWORD: randomBytes(12).toString('hex'),
      API_TOKEN: randomBytes(12).toString('hex'),
    },
  };
}

/** As docker-compose.yml says it. */
const KAFKA = {
  KAFKA_NODE_ID: '1',
  KAFKA_PROCESS_ROLES: 'broker,controller',
  KAFKA_LISTENERS: 'PLAINTEXT://:9092,CONTROLLER://:9093',
  KAFKA_ADVERTISED_LISTENERS: 'PLAINTEXT://kafka:9092',
  KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
  KAFKA_CONTROLLER_QUORUM_VOTERS: '1@kafka:9093',
  KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
  KAFKA_REPLICA_FETCH_MAX_BYTES: '25165824',
  KAFKA_LOG_DIRS: '/var/lib/kafka/data',
};

interface Store {
  network: string;
  name: string;
  image: string;
  environment: Readonly<Record<string, string>>;
}

async function start({ network, name, image, environment }: Store): Promise<string> {
  const variables = Object.entries(environment).flatMap(([variable, value]) => [
    '-e',
    `${variable}=${value}`,
  ]);
  const words = ['run', '-d', '--network', network, '--network-alias', name, ...variables, image];
  return docker(words);
}

async function answering(container: string, command: readonly string[]): Promise<void> {
  const answers = () =>
    docker(['exec', container, ...command]).then(
      () => true,
      () => false,
    );
  await until(`${command[0]} answers`, answers, READY_MS).catch(async (error) => {
    throw new Error(`${error}\n${await logsOf(container)}`);
  });
}
