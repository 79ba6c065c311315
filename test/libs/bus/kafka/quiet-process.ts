import { TOPICS } from '../../../../libs/records/topics.ts';
import { openTestBus } from '../test-bus.ts';

/**
 * Publishes and consumes one record on the Kafka of its argument, as a service would from the first moment of a broker
 * (topics and coordinators come into being), and says so. Whatever else it prints is noise of the client.
 */
const bus = await openTestBus({ KAFKA_BROKERS: process.argv[2] ?? '', KAFKA_PARTITIONS: '3' });
const delivered = Promise.withResolvers<void>();
await bus.subscribe({ topics: [TOPICS.calls], group: 'quiet', onBatch: async () => delivered.resolve() });
await bus.publish(TOPICS.calls, [{ key: 'quiet', value: {} }]);
await delivered.promise;
await bus.close();
console.log('delivered');
