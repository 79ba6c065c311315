import type { Consumer, ConsumerConfig, EachBatchPayload } from 'kafkajs';
import { messageOf } from '../../errors/coded-error.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { OpenClient } from './kafka-client.ts';
import type { KafkaMetrics } from './metrics.ts';
import { unavailable, withTimeLimit } from './time-limit.ts';

const FIRST_RESTART_MS = 250;
const LAST_RESTART_MS = 10_000;
const LEAVE_MS = 10_000;
const REBALANCE_MS = 60_000;
/** A member that neither fetches nor joins nor applies for longer than a rebalance may take has got stuck. */
const STUCK_MS = REBALANCE_MS + 30_000;
const FETCH_WAIT_MS = 500;
const FETCH_BYTES = 8 * 1024 * 1024;
/** What a fetch that may wait waits for: most of a batch. */
const GATHERED_BYTES = 512 * 1024;

/** Partitions by Kafka's topic name. */
export type Assignment = Readonly<Record<string, readonly number[]>>;

export interface ConsumerOptions {
  openClient: OpenClient;
  groupId: string;
  topics: readonly string[];
  fromBeginning: boolean;
  sessionMs: number;
  /** how long records may be held back so that more come at once; 0 when they may not */
  gatherMs: number;
  /** upper bound of partitions that this member may own */
  partitions: number;
  metrics: KafkaMetrics;
  logger: Logger;
  onBatch(payload: EachBatchPayload): Promise<void>;
  /** called at each start of a membership; `consumer` may be told where to begin */
  onJoin(assignment: Assignment, consumer: Consumer): void;
  /** called when Kafka no longer had what was to be read next */
  onLost?: () => void;
  /** true while a batch is being applied, however long that takes */
  isApplying(): boolean;
}

/** A consumer that is started again whenever it ends without being asked to. */
export interface SupervisedConsumer {
  stop(): Promise<void>;
}

/** How often a member tells the group that it lives. */
export function heartbeatMs(sessionMs: number): number {
  return Math.max(100, Math.floor(sessionMs / 4));
}

/**
 * Starts a consumer and resolves when it has joined its group, or is being started again. kafkajs gives up for good
 * after errors it calls non-retriable, and restarts after others; here both are the same, and ours.
 * @throws CodedError `bus-unavailable` when Kafka cannot be reached at all
 */
export async function superviseConsumer(options: ConsumerOptions): Promise<SupervisedConsumer> {
  const { groupId, logger, metrics } = options;
  const stopped = new AbortController();
  let restartMs = FIRST_RESTART_MS;
  let timer: NodeJS.Timeout | undefined;
  let lastSign = performance.now();
  let current = createConsumer(options);
  const watch = setInterval(checkSigns, STUCK_MS / 10);
  watch.unref();

  async function start(consumer: Consumer): Promise<void> {
    observe(consumer);
    await consumer.connect();
    await consumer.subscribe({ topics: [...options.topics], fromBeginning: options.fromBeginning });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: options.partitions,
      eachBatch: (payload) => options.onBatch(payload),
    });
  }

  function observe(consumer: Consumer): void {
    const { GROUP_JOIN, CRASH, FETCH_START, FETCH, HEARTBEAT } = consumer.events;
    consumer.on(GROUP_JOIN, ({ payload }) => {
      if (consumer !== current) return;
      restartMs = FIRST_RESTART_MS;
      metrics.rejoins.inc({ group: groupId });
      options.onJoin(payload.memberAssignment, consumer);
    });
    consumer.on(CRASH, ({ payload }) => restart(consumer, payload.error));
    for (const event of [GROUP_JOIN, FETCH_START, FETCH, HEARTBEAT]) {
      consumer.on(event, () => {
        lastSign = performance.now();
      });
    }
  }

  function restart(failed: Consumer, reason: unknown): void {
    if (failed !== current || stopped.signal.aborted) return;
    current = createConsumer(options);
    metrics.restarts.inc({ group: groupId });
    const level = isStartingUp(reason) && restartMs < LAST_RESTART_MS ? 'debug' : 'warn';
    logger[level]({ group: groupId, reason: messageOf(reason), inMs: restartMs }, 'a consumer starts again');
    void leave(failed);
    const next = current;
    timer = setTimeout(() => void start(next).catch((error) => restart(next, error)), restartMs);
    restartMs = Math.min(restartMs * 2, LAST_RESTART_MS);
    lastSign = performance.now();
  }

  function checkSigns(): void {
    if (options.isApplying()) lastSign = performance.now();
    else if (performance.now() - lastSign > STUCK_MS) restart(current, unavailable('the consumer got stuck'));
  }

  async function stop(): Promise<void> {
    stopped.abort();
    clearTimeout(timer);
    clearInterval(watch);
    await leave(current);
  }

  try {
    await start(current);
  } catch (cause) {
    await stop();
    throw unavailable('Kafka did not take a consumer', cause);
  }
  return { stop };
}

const STARTING_UP = new Set([
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
]);

/** What a broker says of groups in its first seconds: no news, unless it goes on. */
function isStartingUp(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('type' in error && STARTING_UP.has(String(error.type))) || isStartingUp(error.cause);
}

function createConsumer({ openClient, onLost, groupId, sessionMs, gatherMs }: ConsumerOptions): Consumer {
  const config: ConsumerConfig = {
    groupId,
    sessionTimeout: sessionMs,
    heartbeatInterval: heartbeatMs(sessionMs),
    rebalanceTimeout: REBALANCE_MS,
    maxWaitTimeInMs: Math.min(gatherMs || FETCH_WAIT_MS, heartbeatMs(sessionMs)),
    minBytes: gatherMs > 0 ? GATHERED_BYTES : 1,
    maxBytes: FETCH_BYTES,
    allowAutoTopicCreation: false,
    retry: { restartOnFailure: async () => false },
  };
  return openClient(onLost).consumer(config);
}

/** kafkajs waits for answers of a broker that may be gone, so leaving has a limit. */
async function leave(consumer: Consumer): Promise<void> {
  await withTimeLimit(LEAVE_MS, 'leaving a group', consumer.disconnect()).catch(() => undefined);
}
