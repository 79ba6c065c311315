import { randomUUID } from 'node:crypto';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { messageOf } from '../../errors/coded-error.ts';
import type { FollowOptions, Subscription } from '../bus.ts';
import { createDelivery } from './delivery.ts';
import { partitionKey } from './group-lag.ts';
import { concurrency, type SubscriptionContext } from './group-member.ts';
import { type Assignment, superviseConsumer } from './supervised-consumer.ts';

/**
 * Delivers everything from now on to this instance. kafkajs cannot read without a group, so this is a group of one: it
 * commits nothing, keeps its own positions over reconnects, and is deleted when it stops (one that could not stop has
 * no offsets, so Kafka forgets it by itself). @throws CodedError `bus-unavailable`
 */
export async function follow(context: SubscriptionContext, options: FollowOptions): Promise<Subscription> {
  const { names, metrics, logger, config, admin } = context;
  const groupId = names.group(`follow-${config.INSTANCE_ID}-${randomUUID()}`);
  const topics = options.topics.map(names.topic);
  const deliver = createDelivery(names, metrics, logger);
  const positions = await endsOf(context, topics);

  function seekAll(assignment: Assignment, consumer: Consumer): void {
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) {
        const offset = positions.get(partitionKey(topic, partition));
        if (offset !== undefined) consumer.seek({ topic, partition, offset });
      }
    }
  }

  async function onBatch({ batch, isStale, resolveOffset }: EachBatchPayload): Promise<void> {
    if (isStale()) return;
    try {
      options.onRecords(deliver(batch, batch.messages));
    } catch (error) {
      logger.error({ topic: batch.topic, reason: messageOf(error) }, 'a follower failed');
    }
    resolveOffset(batch.lastOffset());
    positions.set(partitionKey(batch.topic, batch.partition), (BigInt(batch.lastOffset()) + 1n).toString());
  }

  const consumer = await superviseConsumer({
    ...context,
    groupId,
    topics,
    fromBeginning: false,
    sessionMs: config.BUS_SESSION_MS,
    gatherMs: 0,
    partitions: concurrency(topics.length, config.KAFKA_PARTITIONS),
    onBatch,
    onJoin: seekAll,
    isApplying: () => false,
  });
  return {
    stop: async () => {
      await consumer.stop();
      await admin
        .ask('delete a follower', (line) => line.deleteGroups([groupId]))
        .catch((error) => {
          logger.debug({ groupId, reason: messageOf(error) }, 'a follower was not deleted');
        });
    },
    lag: async () => [],
  };
}

/** Where each partition ends now: taken before the follower starts, so that nothing published after is missed. */
async function endsOf({ admin }: SubscriptionContext, topics: string[]): Promise<Map<string, string>> {
  const ends = await Promise.all(
    topics.map(async (topic) => {
      const offsets = await admin.ask('read the ends of a topic', (line) => line.fetchTopicOffsets(topic));
      return offsets.map(({ partition, high }) => [partitionKey(topic, partition), high] as const);
    }),
  );
  return new Map(ends.flat());
}
