import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { type AdminLine, createAdminLine } from '../../../../libs/bus/kafka/admin.ts';
import { createClientFactory } from '../../../../libs/bus/kafka/kafka-client.ts';
import { createNames } from '../../../../libs/bus/kafka/topic-names.ts';
import { ensureTopics, requireTopics } from '../../../../libs/bus/kafka/topics.ts';
import { loadConfig } from '../../../../libs/config/config.ts';
import { codeOf, messageOf } from '../../../../libs/errors/coded-error.ts';
import { TOPICS } from '../../../../libs/records/topics.ts';
import { readKafkaFacts } from '../../../../services/cli/commands/doctor/kafka-facts.ts';
import { skipWithoutKafka, testBrokers } from '../../../support/stack/test-brokers.ts';
import { until } from '../../../support/until.ts';
import { createTestLog } from '../../postgres/logger.ts';
import { openTestBus } from '../test-bus.ts';

test('a bus that has lost a topic says so, until a restart has made it again', {
  skip: await skipWithoutKafka(),
}, async (t) => {
  const brokers = await testBrokers();
  const namespace = `topics-${randomUUID()}`;
  const environment = {
    KAFKA_BROKERS: brokers.join(','),
    KAFKA_NAMESPACE: namespace,
    KAFKA_PARTITIONS: '1',
  };
  const bus = await openTestBus(environment);
  t.after(() => bus.close());
  await bus.check();
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  t.after(() => admin.disconnect());

  const lost = `${namespace}.${TOPICS.cdrs}`;
  await admin.deleteTopics({ topics: [lost] });
  const said = () =>
    bus.check().then(
      () => '',
      (error: Error) => error.message,
    );
  await until('it says so', async () => (await said()).includes(`Kafka has no topic ${lost}:`));
  assert.doesNotMatch(await said(), new RegExp(TOPICS.cdrRejects));
  await bus.check([TOPICS.cdrRejects]);

  const restarted = await openTestBus(environment);
  t.after(() => restarted.close());
  await until('both are well', async () => (await said()) === '');
});

test('a topic that was there and keeps too little is told, with the command that mends it', {
  skip: await skipWithoutKafka(),
}, async (t) => {
  const brokers = await testBrokers();
  const namespace = `compact-${randomUUID()}`;
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  t.after(() => admin.disconnect());
  const named = (topic: string) => `${namespace}.${topic}`;
  const compacted = [TOPICS.cdrs, TOPICS.calls].map((topic) => ({
    topic: named(topic),
    numPartitions: 1,
    configEntries: [
      { name: 'cleanup.policy', value: 'compact' },
      { name: 'max.message.bytes', value: '25165824' },
      { name: 'retention.ms', value: '3600000' },
    ],
  }));
  await admin.createTopics({ topics: compacted });

  const { logger, lines } = createTestLog('warn');
  const config = loadConfig({
    KAFKA_BROKERS: brokers.join(','),
    KAFKA_NAMESPACE: namespace,
    KAFKA_PARTITIONS: '1',
  });
  const line = createAdminLine(createClientFactory(config, logger), 10_000);
  t.after(() => line.close());
  await ensureTopics(line, { names: createNames(namespace), config, logger });
  // who reads `calls` may well want the last of each
  assert.deepEqual(
    lines.map(({ msg, topic, fix }) => ({ msg, topic, fix })),
    [
      {
        msg: 'a topic keeps only the last record of each key',
        topic: named(TOPICS.cdrs),
        fix: `kafka-configs.sh --bootstrap-server ${brokers[0]} --alter --entity-type topics --entity-name ${named(TOPICS.cdrs)} --add-config cleanup.policy=delete`,
      },
    ],
  );

  const { topics } = await readKafkaFacts(config, logger);
  const facts = topics.find(({ name }) => name === named(TOPICS.cdrs));
  assert.partialDeepStrictEqual(facts, { isHeld: true, isCompacted: true, retentionMs: 3_600_000 });
});

test('a topic that Kafka does not let us make is named, with the reason', {
  skip: await skipWithoutKafka(),
}, async () => {
  const opening = openTestBus({
    KAFKA_BROKERS: (await testBrokers()).join(','),
    KAFKA_NAMESPACE: `refused-${randomUUID()}`,
    KAFKA_REPLICATION: '9',
  });
  await assert.rejects(opening, (error: Error) => {
    assert.equal(codeOf(error), 'bus-unavailable');
    assert.match(
      messageOf(error),
      /^Kafka has no topic \S+switchfleet\.cdrs, and does not let us make it: .*replication/i,
    );
    return true;
  });
});

test('what is wrong with the topics of others is nothing of ours', async () => {
  const asked: string[][] = [];
  const line = {
    fetchTopicMetadata: async ({ topics }: { topics: string[] }) => void asked.push(topics),
    listTopics: () => Promise.reject(new Error('no leader for this topic-partition')),
  } as unknown as Admin;
  const admin: AdminLine = { ask: (_what, question) => question(line), close: async () => undefined };
  await requireTopics(admin, ['ours']);
  assert.deepEqual(asked, [['ours']]);
});

test('a Kafka that has the topics and fails is no Kafka without them', async () => {
  const failure = new Error('no leader for this topic-partition');
  const line = {
    fetchTopicMetadata: () => Promise.reject(failure),
    listTopics: async () => ['ours', 'of others'],
  } as unknown as Admin;
  const admin: AdminLine = { ask: (_what, question) => question(line), close: async () => undefined };
  await assert.rejects(requireTopics(admin, ['ours']), failure);
});
