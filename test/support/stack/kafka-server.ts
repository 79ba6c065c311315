import { requireDockerImage } from './docker.ts';
import { startKafkaBroker } from './kafka-broker.ts';
import { firstServer, type ServerSource, type TestServer, within } from './test-server.ts';

const IMAGE = 'confluentinc/cp-kafka:7.9.1';
const CONTAINER_MS = 120_000;

/** A Kafka for tests: KAFKA_BROKERS, else Docker, else a broker on this machine's Java. @throws AggregateError of the reasons */
export function startKafka(environment: NodeJS.ProcessEnv): Promise<TestServer> {
  return firstServer([
    given(environment['KAFKA_BROKERS']),
    { name: 'Docker', start: startContainer },
    { name: 'Java', start: startKafkaBroker },
  ]);
}

function given(brokers: string | undefined): ServerSource {
  return {
    name: 'KAFKA_BROKERS',
    start: async () => {
      if (!brokers) throw new Error('is not set');
      return { address: brokers, origin: 'KAFKA_BROKERS', stop: async () => undefined };
    },
  };
}

async function startContainer(): Promise<TestServer> {
  await requireDockerImage(IMAGE);
  const { KafkaContainer } = await import('@testcontainers/kafka');
  const start = new KafkaContainer(IMAGE)
    .withKraft()
    .withEnvironment({ KAFKA_MESSAGE_MAX_BYTES: '26214400', KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0' })
    .start();
  const container = await within(CONTAINER_MS, 'the Kafka container', start);
  return {
    address: `${container.getHost()}:${container.getMappedPort(9093)}`,
    origin: `Docker (${IMAGE})`,
    stop: async () => {
      await container.stop();
    },
  };
}
