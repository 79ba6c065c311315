import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError, codeOf, messageOf } from '../../errors/coded-error.ts';
import type { Topic } from '../../records/topics.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { BusRecord } from '../bus.ts';
import { createAnnouncements, createGathering, untilTogether } from '../gathering.ts';
import { JsonBytes } from '../json-bytes.ts';
import { BATCH_BYTES, RECORD_BYTES, WAITING_BYTES } from './limits.ts';
import type { KafkaMetrics } from './metrics.ts';
import { createOutbox, type OutgoingRecord, type Waiting } from './outbox.ts';
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

/** The publishing half of the bus. */
export interface Publisher {
  publish(topic: Topic, records: readonly BusRecord[]): Promise<void>;
  /** See `Bus.announce`. */
  announce(): () => void;
  /** Refuses further records and resolves when those that wait are settled. */
  close(): Promise<void>;
}

interface PublisherOptions {
  sender: Sender;
  metrics: KafkaMetrics;
  logger: Logger;
  timeoutMs: number;
}

/**
 * Makes the publisher: one request under way at a time keeps the order of records, and what arrives meanwhile becomes
 * the next one. A request that fails is sent again for as long as somebody still waits for it.
 */
export function createPublisher({ sender, metrics, logger, timeoutMs }: PublisherOptions): Publisher {
  const outbox = createOutbox();
  const gathering = createGathering();
  const announced = createAnnouncements();
  metrics.waitingLimit.set(WAITING_BYTES);
  let isClosed = false;
  let running: Promise<void> | undefined;

  async function publish(topic: Topic, records: readonly BusRecord[]): Promise<void> {
    if (isClosed) throw unavailable('the bus is closed');
    const { encoded, failure } = encodeAll(topic, records);
    const fitting = encoded.filter(({ bytes }) => bytes <= RECORD_BYTES);
    const stop = metrics.publishSeconds.startTimer({ topic });
    try {
      await enqueue(fitting);
      metrics.published.inc({ topic }, fitting.length);
      refuseTooLarge(encoded);
      if (failure !== undefined) throw failure;
    } catch (error) {
      metrics.publishFailures.inc({ code: codeOf(error) });
      throw error;
    } finally {
      stop();
      report();
    }
  }

  function enqueue(records: OutgoingRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve();
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
        logger.warn({ records: left.length, reason: messageOf(error) }, 'Kafka did not take a request');
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
    metrics.waitingRecords.set(outbox.records);
    metrics.waitingBytes.set(outbox.bytes);
  }

  return {
    publish,
    announce: announced.announce,
    close: async () => {
      isClosed = true;
      await running;
      await sender.close();
    },
  };
}

function settleAll(records: readonly Waiting[]): void {
  for (const record of records) record.settle();
}

/** What can be written, and why the first of the rest cannot: that one must not sink the others. */
function encodeAll(topic: Topic, records: readonly BusRecord[]) {
  const encoded: OutgoingRecord[] = [];
  let failure: CodedError | undefined;
  for (const record of records) {
    try {
      encoded.push(encode(topic, record));
    } catch (error) {
      const message = `a record cannot be written as JSON: ${messageOf(error)}`;
      failure ??= new CodedError('record-unwritable', message);
    }
  }
  return { encoded, failure };
}

function encode(topic: Topic, { key, value }: BusRecord): OutgoingRecord {
  const encoded = value instanceof JsonBytes ? value.bytes : Buffer.from(JSON.stringify(value) ?? 'null');
  return { topic, key, value: encoded, bytes: encoded.length + Buffer.byteLength(key) };
}

function refuseTooLarge(records: readonly OutgoingRecord[]): void {
  const keys = records.filter(({ bytes }) => bytes > RECORD_BYTES).map(({ key }) => key);
  if (keys.length > 0) throw tooLarge(keys);
}

function tooLarge(keys: string[]): CodedError {
  return new CodedError('record-too-large', 'a record is larger than the bus takes', { details: { keys } });
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'type' in error && error.type === 'MESSAGE_TOO_LARGE';
}
