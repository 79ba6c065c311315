import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import { TOPICS } from '../../../../libs/records/topics.ts';
import { createMetrics } from '../../../../libs/telemetry/metrics.ts';
import { skipWithoutKafka, testBrokers } from '../../../support/stack/test-brokers.ts';
import { createRecorder, publishKeys, until } from '../recorder.ts';
import { openTestBus } from '../test-bus.ts';

const TOPIC = TOPICS.cdrs;

test('a group whose records Kafka dropped goes on with those that are left, and says so', {
  skip: await skipWithoutKafka(),
}, async (t) => {
  const brokers = await testBrokers();
  const namespace = `lost-${randomUUID()}`;
  const metrics = createMetrics('test');
  const bus = await openTestBus(
    { KAFKA_BROKERS: brokers.join(','), KAFKA_NAMESPACE: namespace, KAFKA_PARTITIONS: '1' },
    metrics,
  );
  t.after(() => bus.close());
  const recorder = createRecorder('lost-');
  const join = () => bus.subscribe({ topics: [TOPIC], group: 'writer', onBatch: recorder.onBatch });
  const lastLoss = async () => {
    const value = /^switchfleet_bus_last_loss_timestamp_seconds\{group="writer".*\} (\S+)$/m.exec(
      await metrics.metrics(),
    )?.[1];
    return value === undefined ? undefined : Number(value);
  };

  const before = await join();
  await publishKeys(bus, TOPIC, ['lost-1']);
  await until(() => recorder.keys.length === 1, 'the group has begun');
  await before.stop();
  assert.equal(await lastLoss(), undefined);

  await publishKeys(bus, TOPIC, ['lost-2', 'lost-3', 'lost-4']);
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  t.after(() => admin.disconnect());
  const began = Date.now() / 1000;
  const topic = `${namespace}.${TOPIC}`;
  // kafkajs must know its leader first
  await admin.fetchTopicOffsets(topic);
  await admin.deleteTopicRecords({
    topic,
    partitions: [{ partition: 0, offset: '3' }],
  });
  await join();
  await until(() => recorder.keys.includes('lost-4'), 'it goes on');
  assert.deepEqual(recorder.keys, ['lost-1', 'lost-4']);
  const said = await lastLoss();
  assert.ok(said !== undefined && said >= began - 1, `${said}`);
});
