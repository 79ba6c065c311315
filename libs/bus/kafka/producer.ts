import { CompressionTypes, type Message, type Producer } from 'kafkajs';
import type { OpenClient } from './kafka-client.ts';
import { COMPRESS_BYTES } from './limits.ts';
import type { OutgoingRecord } from './outbox.ts';
import { createPartitioner } from './partitioner.ts';
import { withTimeLimit } from './time-limit.ts';
import type { Names } from './topic-names.ts';

/** Sends one request at a time; a failed one ends the producer behind it. */
export interface Sender {
  /** Connects, so that the first request need not. @throws whatever kafkajs throws, or `bus-unavailable` */
  open(): Promise<void>;
  /** Resolves when all records are on all in-sync replicas. @throws whatever kafkajs throws, or `bus-unavailable` */
  send(records: readonly OutgoingRecord[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Makes the sender. The producer is idempotent, and kafkajs takes a failed request's sequence numbers back although
 * the broker may have stored it: the next request with these numbers would then be taken for its repetition and
 * dropped, acknowledged. So after any failure the next request gets a new producer with a new id.
 */
export function createSender(openClient: OpenClient, names: Names, limitMs: number): Sender {
  let current: Promise<Producer> | undefined;
  let isClosed = false;

  async function connect(): Promise<Producer> {
    const producer = openClient().producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      createPartitioner,
      retry: { retries: 2 },
    });
    try {
      await producer.connect();
    } catch (error) {
      void disconnect(producer);
      throw error;
    }
    return producer;
  }

  /** Not waited for: kafkajs waits for answers that may never come. Again after its own retries, which reconnect. */
  function discard(line: Promise<Producer>, work: Promise<unknown>): void {
    if (current === line) current = undefined;
    void line.then(disconnect, () => undefined);
    void work.catch(() => undefined).then(() => line.then(disconnect, () => undefined));
  }

  return {
    open: async () => {
      if (isClosed) return;
      current ??= connect();
      const line = current;
      try {
        await withTimeLimit(limitMs, 'connecting to Kafka', line);
      } catch (error) {
        discard(line, line);
        throw error;
      }
    },
    send: async (records) => {
      current ??= connect();
      const line = current;
      const work = line.then((producer) => producer.sendBatch(toRequest(records, names, limitMs)));
      try {
        await withTimeLimit(limitMs, 'a request to Kafka', work);
      } catch (error) {
        discard(line, work);
        throw error;
      }
    },
    close: async () => {
      isClosed = true;
      const producer = await current?.catch(() => undefined);
      current = undefined;
      if (producer !== undefined) await withTimeLimit(limitMs, 'closing', disconnect(producer));
    },
  };
}

async function disconnect(producer: Producer): Promise<void> {
  await producer.disconnect().catch(() => undefined);
}

function toRequest(records: readonly OutgoingRecord[], names: Names, timeout: number) {
  const byTopic = Map.groupBy(records, (record) => names.topic(record.topic));
  const bytes = records.reduce((sum, record) => sum + record.bytes, 0);
  return {
    acks: -1,
    timeout,
    compression: bytes < COMPRESS_BYTES ? CompressionTypes.None : CompressionTypes.GZIP,
    topicMessages: [...byTopic].map(([topic, group]) => ({ topic, messages: group.map(toMessage) })),
  };
}

function toMessage({ key, value }: OutgoingRecord): Message {
  return { key, value };
}
