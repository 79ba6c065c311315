import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, ITopicConfig } from 'kafkajs';
import type { Config } from '../../config/config.ts';
import type { CodedError } from '../../errors/coded-error.ts';
import { HELD_TOPICS, TOPICS, type Topic } from '../../records/topics.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { AdminLine } from './admin.ts';
import { MESSAGE_BYTES } from './limits.ts';
import { unavailable } from './time-limit.ts';
import type { Names } from './topic-names.ts';

const HOUR_MS = 3_600_000;
const CREATE_MS = 30_000;
const LEADER_POLL_MS = 100;
/** kafkajs' ConfigResourceTypes.TOPIC, an export that Node does not see in its CommonJS. */
const TOPIC_RESOURCE = 2;

/** Only what is heard now is of use in these: nobody reads them from the past. */
const SHORT_LIVED: ReadonlySet<Topic> = new Set([TOPICS.load, TOPICS.live]);

/** How we create a topic. The broker's own time stamps its records, so that a record's age means the same to everyone. */
export function topicConfig(topic: Topic, names: Names, config: Config): ITopicConfig {
  const retentionMs = SHORT_LIVED.has(topic) ? HOUR_MS : config.BUS_RETENTION_DAYS * 24 * HOUR_MS;
  const entries = {
    'max.message.bytes': MESSAGE_BYTES,
    'retention.ms': retentionMs,
    'message.timestamp.type': 'LogAppendTime',
    // With three replicas, «durable» means two of them; with fewer, every write must survive one broker's restart.
    'min.insync.replicas': Math.max(1, config.KAFKA_REPLICATION - 1),
  };
  return {
    topic: names.topic(topic),
    numPartitions: config.KAFKA_PARTITIONS,
    replicationFactor: config.KAFKA_REPLICATION,
    configEntries: Object.entries(entries).map(([name, value]) => ({ name, value: String(value) })),
  };
}

/**
 * Creates the topics that are missing (several processes may do so at once) and warns of existing ones that cannot
 * hold our largest records, or would drop what nobody has applied yet. @throws CodedError `bus-unavailable`
 */
export async function ensureTopics(
  admin: AdminLine,
  { names, config, logger }: { names: Names; config: Config; logger: Logger },
): Promise<void> {
  const existing = new Set(await admin.ask('list topics', (line) => line.listTopics()));
  const missing = Object.values(TOPICS).filter((topic) => !existing.has(names.topic(topic)));
  if (missing.length > 0) {
    const topics = missing.map((topic) => topicConfig(topic, names, config));
    const refused = await admin.ask('create topics', (line) => createMissing(line, topics));
    if (refused !== undefined) throw refused;
    await waitForLeaders(admin, names.topics);
    logger.info({ topics: topics.map(({ topic }) => topic) }, 'topics created');
  }
  if (missing.length < names.topics.length) await warnOfSettings(admin, { names, config, logger });
}

/**
 * That Kafka answers and has these topics: what is published to a topic that somebody removed waits in vain. They are not made again
 * here, under the hands of whoever removed them. @throws CodedError `bus-unavailable`
 */
export async function requireTopics(admin: AdminLine, topics: readonly string[]): Promise<void> {
  const missing = await admin.ask('read topics', (line) => missingOf(line, topics));
  if (missing.length === 0) return;
  throw unavailable(`Kafka has no topic ${missing.join(', ')}: a restart of the service makes it again`);
}

/**
 * Asks for these topics only: of all topics of the cluster, kafkajs fails as soon as somebody else's has a partition without a
 * leader. Nor does it say then which one is not there.
 */
async function missingOf(line: Admin, topics: readonly string[]): Promise<string[]> {
  try {
    await line.fetchTopicMetadata({ topics: [...topics] });
    return [];
  } catch (error) {
    const existing = new Set(await line.listTopics());
    const missing = topics.filter((name) => !existing.has(name));
    if (missing.length === 0) throw error;
    return missing;
  }
}

/**
 * One at a time, so that a topic that another process has just created does not fail its neighbours. Gives what Kafka refused first:
 * that is an answer, and says what is to be done.
 */
async function createMissing(admin: Admin, topics: ITopicConfig[]): Promise<CodedError | undefined> {
  for (const topic of topics) {
    try {
      await admin.createTopics({ topics: [topic], timeout: CREATE_MS, waitForLeaders: false });
    } catch (error) {
      const [reason] = error instanceof Error && 'errors' in error ? (error.errors as Error[]) : [];
      if (reason === undefined) throw error;
      return unavailable(`Kafka has no topic ${topic.topic}, and does not let us make it`, reason);
    }
  }
  return undefined;
}

/** A topic that was created a moment ago, here or by another process, is not known to every broker yet. */
async function waitForLeaders(admin: AdminLine, names: readonly string[]): Promise<void> {
  const topics = [...names];
  const deadline = performance.now() + CREATE_MS;
  for (;;) {
    try {
      const { topics: found } = await admin.ask('read topics', (line) => line.fetchTopicMetadata({ topics }));
      if (found.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))) return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await sleep(LEADER_POLL_MS);
  }
}

async function warnOfSettings(
  admin: AdminLine,
  { names, config, logger }: { names: Names; config: Config; logger: Logger },
): Promise<void> {
  const [broker] = config.KAFKA_BROKERS ?? [];
  const resources = names.topics.map((name) => ({
    type: TOPIC_RESOURCE,
    name,
    configNames: ['max.message.bytes', 'cleanup.policy'],
  }));
  const answer = await admin.ask('read topic settings', (line) =>
    line.describeConfigs({ resources, includeSynonyms: false }),
  );
  for (const { resourceName, configEntries } of answer.resources) {
    const setting = (name: string) =>
      configEntries.find(({ configName }) => configName === name)?.configValue;
    const fix = (wanted: string) =>
      `kafka-configs.sh --bootstrap-server ${broker} --alter --entity-type topics --entity-name ${resourceName} --add-config ${wanted}`;
    const bytes = Number(setting('max.message.bytes') ?? MESSAGE_BYTES);
    if (bytes < MESSAGE_BYTES) {
      const more = fix(`max.message.bytes=${MESSAGE_BYTES}`);
      logger.warn({ topic: resourceName, bytes, fix: more }, 'a topic refuses large records');
    }
    if (
      setting('cleanup.policy')?.includes('compact') &&
      HELD_TOPICS.includes(names.fromKafka(resourceName))
    ) {
      const keep = fix('cleanup.policy=delete');
      logger.warn({ topic: resourceName, fix: keep }, 'a topic keeps only the last record of each key');
    }
  }
}
