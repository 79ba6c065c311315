import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError, messageOf } from '../../errors/coded-error.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { createAnnouncements, createGathering, untilTogether } from '../gathering.ts';
import { BATCH_BYTES } from './limits.ts';
import type { KafkaMetrics } from './metrics.ts';
import { createOutbox, type OutgoingRecord, type Room, type Waiting } from './outbox.ts';
import type { Sender } from './producer.ts';
import { unavailable } from './time-limit.ts';

/** A little patience when idle lets concurrent publishers share a request; under load requests fill by themselves. */
const LINGER_MS = 1;
/**
 * Each request wakes this process, the broker and the reader behind it, which costs as much as ten records of it: under load
 * a request waits for others to come, for so long at most, and no longer than none comes.
 */
const GATHER_MS = 20;
const LULL_MS = 2;
const MOST_WANTED = 64;
/**
 * A third of those who publish side by side need not wait for the others: while theirs is under way, another third is read, and the
 * last one comes. With all of them in one request everybody waits for everybody, and a core idles.
 */
const WANTED_SHARE = 1 / 3;
/**
 * Where a request takes longer, nothing but Kafka works meanwhile, and who missed one waits for two: everybody goes with it. At 10 ms
 * a request that is a third more records/s, and 12 ms a record where it were 18 (64 publishers, a sender that only waits).
 */
const SLOW_MS = 8;
const RETRY_MS = 200;

/** The records of one topic on their way. */
export interface Lane {
  /** Resolves when all of them are durable. @throws CodedError as `Bus.publish` */
  send(records: readonly OutgoingRecord[]): Promise<void>;
  /** See `Bus.announce`. */
  announce(): () => void;
  /** Connects, so that the first request need not. @throws whatever kafkajs throws, or `bus-unavailable` */
  open(): Promise<void>;
  /** Resolves when those that wait are settled. */
  close(): Promise<void>;
}

export interface LaneOptions {
  sender: Sender;
  /** what waits in this lane and the others */
  room: Room;
  metrics: KafkaMetrics;
  logger: Logger;
  timeoutMs: number;
}

/**
 * Makes a lane: one request under way at a time keeps the order of records, and what arrives meanwhile becomes
 * the next one. A request that fails is sent again for as long as somebody still waits for it.
 */
export function createLane({ sender, room, metrics, logger, timeoutMs }: LaneOptions): Lane {
  const outbox = createOutbox(room);
  const gathering = createGathering();
  const announced = createAnnouncements();
  let running: Promise<void> | undefined;

  function send(records: readonly OutgoingRecord[]): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let left = records.length;
    let isOver = false;
    const end = (error?: Error) => {
      isOver = true;
      clearTimeout(timer);
      if (error === undefined) resolve();
      else reject(error);
    };
    const timer = setTimeout(() => end(unavailable(`not durable within ${timeoutMs} ms`)), timeoutMs);
    const settle = (error?: Error) => {
      left -= 1;
      if (error !== undefined || left === 0) end(error);
    };
    try {
      outbox.put(records.map((record) => ({ ...record, settle, isWanted: () => !isOver })));
    } catch (error) {
      clearTimeout(timer);
      throw error;
    }
    gathering.tell(isFull() ? Number.POSITIVE_INFINITY : outbox.records);
    running ??= run();
    report();
    return promise;
  }

  function isFull(): boolean {
    return outbox.bytes >= BATCH_BYTES;
  }

  async function run(): Promise<void> {
    await sleep(isFull() ? 0 : LINGER_MS);
    for (let request = outbox.take(); request.length > 0; request = outbox.take()) {
      const sentAt = performance.now();
      await deliver(request);
      report();
      await gather(request.length, performance.now() - sentAt);
    }
    running = undefined;
  }

  /**
   * Waits for a share of all who were seen to publish (for all of them where Kafka is slow): those of the last request, those who
   * waited for it, and those who announced a record meanwhile. Not for much longer than a request takes, and not once nobody comes any more.
   */
  async function gather(sent: number, tookMs: number): Promise<void> {
    const crowd = sent + outbox.records + announced.coming;
    const share = tookMs < SLOW_MS ? WANTED_SHARE : 1;
    await untilTogether(
      gathering,
      { waiting: () => outbox.records, coming: () => announced.coming, isFull },
      {
        wanted: Math.min(Math.ceil(crowd * share), MOST_WANTED),
        longestMs: Math.min(GATHER_MS, LULL_MS + 2 * tookMs),
        lullMs: LULL_MS,
      },
    );
  }

  async function deliver(request: Waiting[]): Promise<void> {
    for (let left = request; left.length > 0; left = left.filter((record) => record.isWanted())) {
      try {
        metrics.requests.inc();
        await sender.send(left);
        return settleAll(left);
      } catch (error) {
        if (isTooLarge(error)) return refuse(left);
        metrics.sendRetries.inc();
        const [{ topic } = {}] = left;
        logger.warn(
          { topic, records: left.length, reason: messageOf(error) },
          'Kafka did not take a request',
        );
        await sleep(RETRY_MS);
      }
    }
  }

  /** A topic that somebody made smaller than ours: only the records that do not fit may fail. */
  async function refuse(request: Waiting[]): Promise<void> {
    const [only, ...others] = request;
    if (only !== undefined && others.length === 0) return only.settle(tooLarge([only.key]));
    for (const record of request) await deliver([record]);
  }

  function report(): void {
    metrics.waitingRecords.set(room.records);
    metrics.waitingBytes.set(room.bytes);
  }

  return {
    send: async (records) => {
      try {
        await send(records);
      } finally {
        report();
      }
    },
    announce: announced.announce,
    open: () => sender.open(),
    close: async () => {
      await running;
      await sender.close();
    },
  };
}

function settleAll(records: readonly Waiting[]): void {
  for (const record of records) record.settle();
}

/** What a record that does not fit is refused with. */
export function tooLarge(keys: string[]): CodedError {
  return new CodedError('record-too-large', 'a record is larger than the bus takes', { details: { keys } });
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'type' in error && error.type === 'MESSAGE_TOO_LARGE';
}
