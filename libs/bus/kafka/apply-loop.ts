import { setTimeout as sleep } from 'node:timers/promises';
import type { EachBatchPayload } from 'kafkajs';
import { messageOf } from '../../errors/coded-error.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { BatchHandler, DeliveredRecord } from '../bus.ts';
import type { Deliver } from './delivery.ts';
import type { KafkaMetrics } from './metrics.ts';
import { type BatchLimits, cutBatch, offsetAfter, type Portion, type Slice } from './portion.ts';

const FIRST_BACKOFF_MS = 100;
const LAST_BACKOFF_MS = 5_000;

interface ApplyLoopOptions extends BatchLimits {
  group: string;
  onBatch: BatchHandler;
  heartbeatMs: number;
  deliver: Deliver;
  metrics: KafkaMetrics;
  logger: Logger;
  /** number of the present membership */
  generation(): number;
  onCommitted(slice: Slice, nextOffset: string): void;
}

/** Applies what a consumer fetches: batch by batch, over all its partitions, committing after each. */
export interface ApplyLoop {
  /** Takes a portion; resolves when it is applied and committed, rejects with what made kafkajs' membership invalid. */
  offer(payload: EachBatchPayload): Promise<void>;
  /** What is in hand and not yet applied. */
  portions(): readonly Portion[];
  /** Finishes the batch in hand and gives the rest back. */
  stop(): Promise<void>;
}

/**
 * Makes the loop. A handler that fails gets the same batch again, here and not through kafkajs, which would fetch
 * again while other partitions are still being applied. Only what ends the membership is handed to kafkajs, when
 * nothing is being applied any more: a rebalance waits for the batch in hand, so that it is committed and not repeated.
 */
export function createApplyLoop(options: ApplyLoopOptions): ApplyLoop {
  const { group, metrics, logger, heartbeatMs } = options;
  const stopping = new AbortController();
  /** the portions not yet through, in order */
  let queue: Portion[] = [];
  let running: Promise<void> | undefined;
  let lost: unknown;

  function offer(payload: EachBatchPayload): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const settle = (error?: unknown) => (error === undefined ? resolve() : reject(error));
    queue.push({ payload, generation: options.generation(), next: 0, settle });
    running ??= run().finally(() => {
      running = undefined;
    });
    return promise;
  }

  async function run(): Promise<void> {
    await Promise.resolve();
    lost = undefined;
    const timer = setInterval(() => void heartbeat(), heartbeatMs);
    try {
      while (queue.length > 0 && !stopping.signal.aborted && lost === undefined) await applyNext();
    } catch (error) {
      lost = error;
    } finally {
      clearInterval(timer);
      for (const portion of queue) portion.settle(lost);
      queue = [];
    }
  }

  /** Answers of the coordinator that end the membership; a failing connection is not one: the next commit will tell. */
  async function heartbeat(): Promise<void> {
    try {
      await queue[0]?.payload.heartbeat();
    } catch (error) {
      if (isMembershipError(error)) lost ??= error;
    }
  }

  async function applyNext(): Promise<void> {
    dropOutdated();
    const slices = cutBatch(queue, options);
    if (slices.length === 0) return settleFinished();
    const records = slices.flatMap(({ portion, messages }) =>
      options.deliver(portion.payload.batch, messages),
    );
    if (!(await apply(records))) return;
    await commit(slices, records.length);
    settleFinished();
  }

  /** False when the loop is stopped or the membership is lost before the handler has succeeded. */
  async function apply(records: DeliveredRecord[]): Promise<boolean> {
    if (records.length === 0) return true;
    for (let backoffMs = FIRST_BACKOFF_MS; ; backoffMs = Math.min(backoffMs * 2, LAST_BACKOFF_MS)) {
      const stop = metrics.applySeconds.startTimer({ group });
      try {
        await options.onBatch(records);
        return true;
      } catch (error) {
        metrics.applyFailures.inc({ group });
        logger.warn({ group, records: records.length, reason: messageOf(error) }, 'a batch failed');
      } finally {
        stop();
      }
      if (stopping.signal.aborted || lost !== undefined) return false;
      await sleep(backoffMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted || lost !== undefined) return false;
    }
  }

  async function commit(slices: readonly Slice[], records: number): Promise<void> {
    const [first] = slices;
    if (first === undefined) return;
    const topics = offsetsOf(slices);
    try {
      if (slices.some(({ portion }) => isOutdated(portion))) throw new Error('another membership has begun');
      await first.portion.payload.commitOffsetsIfNecessary({ topics });
    } catch (error) {
      metrics.uncommitted.inc({ group });
      logger.warn({ group, records, reason: messageOf(error) }, 'a batch was applied but not committed');
      throw error;
    }
    metrics.applied.inc({ group }, records);
    for (const slice of slices) advance(slice);
  }

  function advance(slice: Slice): void {
    const nextOffset = offsetAfter(slice);
    slice.portion.next = slice.end;
    slice.portion.payload.resolveOffset((BigInt(nextOffset) - 1n).toString());
    options.onCommitted(slice, nextOffset);
  }

  function settleFinished(): void {
    const isThrough = ({ payload, next }: Portion) => next >= payload.batch.messages.length;
    for (const portion of queue.filter(isThrough)) portion.settle();
    queue = queue.filter((portion) => !isThrough(portion));
  }

  /** Fetched under an earlier membership, or before a seek: kafkajs fetches it again where it is still ours. */
  function dropOutdated(): void {
    const outdated = queue.filter((portion) => isOutdated(portion) || portion.payload.isStale());
    for (const portion of outdated) portion.settle();
    queue = queue.filter((portion) => !outdated.includes(portion));
  }

  function isOutdated({ generation }: Portion): boolean {
    return generation !== options.generation();
  }

  return {
    offer,
    portions: () => queue,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

const MEMBERSHIP_ERRORS = new Set([
  'REBALANCE_IN_PROGRESS',
  'NOT_COORDINATOR_FOR_GROUP',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'FENCED_INSTANCE_ID',
]);

function isMembershipError(error: unknown): boolean {
  return error instanceof Error && 'type' in error && MEMBERSHIP_ERRORS.has(String(error.type));
}

function offsetsOf(slices: readonly Slice[]) {
  const byTopic = Map.groupBy(slices, ({ portion }) => portion.payload.batch.topic);
  return [...byTopic].map(([topic, ofTopic]) => ({
    topic,
    partitions: ofTopic.map((slice) => ({
      partition: slice.portion.payload.batch.partition,
      offset: offsetAfter(slice),
    })),
  }));
}
