import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import { TOPICS } from '../../../../libs/records/topics.ts';
import { skipWithoutKafka, testBrokers } from '../../../support/stack/test-brokers.ts';
import { until } from '../../../support/until.ts';
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

  const restarted = await openTestBus(environment);
  t.after(() => restarted.close());
  await until('both are well', async () => (await said()) === '');
});
