import type { Admin } from 'kafkajs';
import { createAdminLine } from '../../../../libs/bus/kafka/admin.ts';
import { createClientFactory } from '../../../../libs/bus/kafka/kafka-client.ts';
import { MESSAGE_BYTES } from '../../../../libs/bus/kafka/limits.ts';
import { createNames, type Names } from '../../../../libs/bus/kafka/topic-names.ts';
import type { Config } from '../../../../libs/config/config.ts';
import { HELD_TOPICS } from '../../../../libs/records/topics.ts';
import type { Logger } from '../../../../libs/telemetry/logger.ts';
import type { KafkaFacts, TopicFacts } from './kafka-check.ts';

const LIMIT_MS = 8_000;
/** kafkajs' ConfigResourceTypes.TOPIC */
const TOPIC_RESOURCE = 2;

/** Asks Kafka about our topics. @throws CodedError `bus-unavailable` */
export async function readKafkaFacts(config: Config, logger: Logger): Promise<KafkaFacts> {
  const admin = createAdminLine(createClientFactory(config, logger), LIMIT_MS);
  const names = createNames(config.KAFKA_NAMESPACE);
  try {
    const cluster = await admin.ask('describe the cluster', (line) => line.describeCluster());
    const existing = new Set(await admin.ask('list topics', (line) => line.listTopics()));
    const present = names.topics.filter((name) => existing.has(name));
    return {
      brokers: cluster.brokers.length,
      missing: names.topics.filter((name) => !existing.has(name)),
      topics:
        present.length === 0
          ? []
          : await admin.ask('describe topics', (line) => readTopics(line, present, names)),
      recordBytes: MESSAGE_BYTES,
    };
  } finally {
    await admin.close();
  }
}

async function readTopics(line: Admin, topics: string[], names: Names): Promise<TopicFacts[]> {
  const { topics: described } = await line.fetchTopicMetadata({ topics });
  const { resources } = await line.describeConfigs({
    includeSynonyms: false,
    resources: topics.map((name) => ({ type: TOPIC_RESOURCE, name })),
  });
  return described.map(({ name, partitions }) => {
    const entries = resources.find(({ resourceName }) => resourceName === name)?.configEntries ?? [];
    const text = (key: string) => entries.find(({ configName }) => configName === key)?.configValue;
    const setting = (key: string) => Number(text(key) ?? Number.NaN);
    return {
      name,
      partitions: partitions.length,
      replicas: Math.min(...partitions.map(({ replicas }) => replicas.length)),
      inSync: Math.min(...partitions.map(({ isr }) => isr.length)),
      minInSync: setting('min.insync.replicas'),
      maxMessageBytes: setting('max.message.bytes'),
      isHeld: HELD_TOPICS.includes(names.fromKafka(name)),
      isCompacted: text('cleanup.policy')?.includes('compact') ?? false,
      retentionMs: setting('retention.ms'),
    };
  });
}
