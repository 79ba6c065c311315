import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError, codeOf, messageOf } from '../../errors/coded-error.ts';
import type { Topic } from '../../records/topics.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { BusRecord } from '../bus.ts';
import { BATCH_BYTES, RECORD_BYTES, WAITING_BYTES } from './limits.ts';
import type { KafkaMetrics } from './metrics.ts';
import { createOutbox, type OutgoingRecord, type Waiting } from './outbox.ts';
import type { Sender } from './producer.ts';
import { unavailable } from './time-limit.ts';

/** A little patience when idle lets concurrent publishers share a request; under load requests fill by themselves. */
const LINGER_MS = 1;
/**
 * While several publish side by side, a request waits so long at most for company, and no longer than none comes: each
 * request wakes this process, the broker and the reader behind it, which costs as much as thirty records of it.
 */
const GATHER_MS = 10;
const LULL_MS = 2;
const RETRY_MS = 200;

/** The publishing half of the bus. */
export interface Publisher {
  publish(topic: Topic, records: readonly BusRecord[]): Promise<void>;
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
      await deliver(request);
      report();
      if (isShared(request)) await gather();
    }
    running = undefined;
  }

  async function gather(): Promise<void> {
    const until = performance.now() + GATHER_MS;
    for (let seen = -1; outbox.records > seen && !isFull() && performance.now() < until; ) {
      seen = outbox.records;
      await sleep(LULL_MS);
    }
  }

  async function deliver(request: Waiting[]): Promise<void> {
    for (let wanted = request; wanted.length > 0; wanted = wanted.filter((record) => record.isWanted())) {
      try {
        metrics.requests.inc();
        await sender.send(wanted);
        return settleAll(wanted);
      } catch (error) {
        if (isTooLarge(error)) return refuse(wanted);
        metrics.sendRetries.inc();
        logger.warn({ records: wanted.length, reason: messageOf(error) }, 'Kafka did not take a request');
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
    close: async () => {
      isClosed = true;
      await running;
      await sender.close();
    },
  };
}

/** Whether it holds records of several publishes. */
function isShared(request: readonly Waiting[]): boolean {
  return request.some(({ settle }) => settle !== request[0]?.settle);
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
  const encoded = Buffer.from(JSON.stringify(value) ?? 'null');
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
