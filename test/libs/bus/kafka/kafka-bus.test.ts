import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { skipWithoutKafka, testBrokers } from '../../../support/stack/test-brokers.ts';
import { busContract } from '../contract.ts';

const skip = await skipWithoutKafka();
if (skip) test('the Kafka bus', { skip });
else busContract('Kafka', kafkaEnvironment);

/** Topics and groups of its own for each test; six seconds are the shortest session that a broker allows by default. */
async function kafkaEnvironment(): Promise<Record<string, string>> {
  return {
    KAFKA_BROKERS: (await testBrokers()).join(','),
    KAFKA_NAMESPACE: `test-${randomUUID()}`,
    KAFKA_PARTITIONS: '4',
    BUS_SESSION_MS: '6000',
  };
}
