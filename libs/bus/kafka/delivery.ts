import type { KafkaMessage } from 'kafkajs';
import type { Logger } from '../../telemetry/logger.ts';
import type { DeliveredRecord } from '../bus.ts';
import type { KafkaMetrics } from './metrics.ts';
import type { Names } from './topic-names.ts';

/** Where messages stood. */
interface Origin {
  topic: string;
  partition: number;
}

/** Turns Kafka's messages into records. */
export type Deliver = (origin: Origin, messages: readonly KafkaMessage[]) => DeliveredRecord[];

/** A message that is not JSON is none of ours: it is counted, logged and passed over, or it would stop its partition for ever. */
export function createDelivery(names: Names, metrics: KafkaMetrics, logger: Logger): Deliver {
  return ({ topic: name, partition }, messages) => {
    const topic = names.fromKafka(name);
    return messages.flatMap((message) => {
      const { key, value, offset, timestamp } = message;
      try {
        return [
          {
            topic,
            key: key?.toString() ?? '',
            value: JSON.parse(value?.toString() ?? '') as unknown,
            partition,
            offset,
            publishedUs: Number(timestamp) * 1_000,
          },
        ];
      } catch {
        metrics.unreadable.inc({ topic });
        logger.error({ topic, partition, offset }, 'a record on the bus is not JSON');
        return [];
      }
    });
  };
}
