import type { Config } from '../../config/config.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { SubscribeOptions, Subscription } from '../bus.ts';
import type { AdminLine } from './admin.ts';
import { createApplyLoop } from './apply-loop.ts';
import { createDelivery } from './delivery.ts';
import { type BehindSince, memberLag, partitionKey } from './group-lag.ts';
import type { OpenClient } from './kafka-client.ts';
import { BATCH_BYTES } from './limits.ts';
import type { KafkaMetrics } from './metrics.ts';
import { type Assignment, heartbeatMs, superviseConsumer } from './supervised-consumer.ts';
import type { Names } from './topic-names.ts';

const DEFAULT_RECORDS = 1_000;

/** What subscriptions are made of. */
export interface SubscriptionContext {
  openClient: OpenClient;
  admin: AdminLine;
  names: Names;
  config: Config;
  metrics: KafkaMetrics;
  logger: Logger;
}

/** Joins a group as one member of it. @throws CodedError `bus-unavailable` */
export async function joinGroup(
  context: SubscriptionContext,
  options: SubscribeOptions,
): Promise<Subscription> {
  const { names, metrics, logger, config, admin } = context;
  const groupId = names.group(options.group);
  const behindSince: BehindSince = new Map();
  let generation = 0;
  let assignment: Assignment = {};
  const committed = new Map<string, string>();

  const loop = createApplyLoop({
    group: options.group,
    onBatch: options.onBatch,
    maxRecords: options.maxBatchRecords ?? DEFAULT_RECORDS,
    maxBytes: options.maxBatchBytes ?? BATCH_BYTES,
    heartbeatMs: heartbeatMs(config.BUS_SESSION_MS),
    deliver: createDelivery(names, metrics, logger),
    metrics,
    logger,
    generation: () => generation,
    onCommitted: ({ portion: { payload } }, nextOffset) => {
      committed.set(partitionKey(payload.batch.topic, payload.batch.partition), nextOffset);
    },
  });
  const consumer = await superviseConsumer({
    ...context,
    groupId,
    topics: options.topics.map(names.topic),
    fromBeginning: true,
    sessionMs: config.BUS_SESSION_MS,
    gatherMs: options.gatherMs ?? 0,
    partitions: concurrency(options.topics.length, config.KAFKA_PARTITIONS),
    onBatch: loop.offer,
    onJoin: (joined) => {
      generation += 1;
      assignment = joined;
      committed.clear();
    },
    onLost: () => metrics.lastLoss.setToCurrentTime({ group: options.group }),
    isApplying: () => loop.portions().length > 0,
  });
  return {
    stop: async () => {
      await loop.stop();
      await consumer.stop();
    },
    lag: () =>
      memberLag({ groupId, assignment, committed, portions: loop.portions() }, { admin, names, behindSince }),
  };
}

/** Every partition may have a portion in hand at once; topics that exist may have more partitions than ours would. */
export function concurrency(topics: number, partitions: number): number {
  return topics * Math.max(64, partitions);
}
