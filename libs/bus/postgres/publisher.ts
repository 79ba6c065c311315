import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { CodedError, codeOf, messageOf } from '../../errors/coded-error.ts';
import { hasSqlState, isConnectionError, SQL_STATE } from '../../postgres/sql-state.ts';
import type { Topic } from '../../records/topics.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { BusRecord } from '../bus.ts';
import { createAnnouncements, createGathering, untilTogether } from '../gathering.ts';
import { BATCH_BYTES, GATHER_PUBLISH_MS, LULL_MS, WAITING_BYTES, WAITING_RECORDS } from './limits.ts';
import { appendRecords } from './log.sql.ts';
import type { BusMetrics } from './metrics.ts';
import { createOutbox, type Outbox, type Publication, type Waiting } from './outbox.ts';
import type { RecentRecords } from './recent-records.ts';
import { type EncodedRecord, encodeRecord } from './record.ts';

export interface PublisherOptions {
  pool: Pool;
  /** gets what was published, for the readers of this process */
  recent: Pick<RecentRecords, 'add'>;
  metrics: BusMetrics;
  logger: Logger;
  /** how long a publish may wait to be durable, milliseconds */
  timeoutMs: number;
  /** told after each transaction: wakes the readers */
  onPublished: (topic: Topic) => void;
}

export interface Publisher {
  /** As `Bus.publish`. */
  publish(topic: Topic, records: readonly BusRecord[]): Promise<void>;
  /** As `Bus.announce`. */
  announce(topic: Topic): () => void;
  /** Resolves when nothing waits any more; refuses what comes later. */
  close(): Promise<void>;
}

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1_000;
/** Transactions of so many records need not wait for more. */
const CROWD = 64;

/**
 * Publishes by group commit: calls that come while a transaction of their topic is on its way share the next one, so
 * that many small publishes cost few commits. One transaction a topic at a time keeps the order of the calls.
 */
export function createPublisher(options: PublisherOptions): Publisher {
  const { metrics } = options;
  const lanes = new Map<Topic, Lane>();
  const waiting = { records: 0, bytes: 0 };
  let isClosed = false;
  metrics.waitingLimit.set(WAITING_BYTES);

  const count = (sign: 1 | -1, { bytes }: EncodedRecord) => {
    waiting.records += sign;
    waiting.bytes += sign * bytes;
    metrics.waitingRecords.set(waiting.records);
    metrics.waitingBytes.set(waiting.bytes);
  };
  const laneOf = (topic: Topic) => {
    const lane = lanes.get(topic) ?? createLane(topic, options, (record) => count(-1, record));
    lanes.set(topic, lane);
    return lane;
  };

  function refuseOverload(records: readonly EncodedRecord[]): void {
    const bytes = records.reduce((sum, record) => sum + record.bytes, 0);
    const isFull =
      waiting.bytes + bytes > WAITING_BYTES || waiting.records + records.length > WAITING_RECORDS;
    if (!isFull || waiting.records === 0) return;
    throw new CodedError('bus-overloaded', 'too much waits to be published already', {
      details: { ...waiting },
    });
  }

  async function publish(topic: Topic, records: readonly BusRecord[]): Promise<void> {
    if (isClosed) throw new CodedError('bus-unavailable', 'the bus is closed');
    const { encoded, failure } = encodeAll(records);
    if (encoded.length > 0) {
      refuseOverload(encoded);
      for (const record of encoded) count(1, record);
      await laneOf(topic).send(encoded);
    }
    if (failure !== undefined) throw failure;
  }

  return {
    publish: async (topic, records) => {
      const end = metrics.publishSeconds.startTimer({ topic });
      try {
        await publish(topic, records);
        end();
      } catch (error) {
        metrics.publishFailures.inc({ code: codeOf(error) });
        throw error;
      }
    },
    announce: (topic) => laneOf(topic).announce(),
    close: async () => {
      isClosed = true;
      await Promise.all([...lanes.values()].map((lane) => lane.idle()));
    },
  };
}

/** What can be written, and why the first of the rest cannot: that one must not sink the others. */
function encodeAll(records: readonly BusRecord[]): { encoded: EncodedRecord[]; failure?: unknown } {
  const encoded: EncodedRecord[] = [];
  const failures: unknown[] = [];
  for (const record of records) {
    try {
      encoded.push(encodeRecord(record));
    } catch (error) {
      failures.push(error);
    }
  }
  return failures.length === 0 ? { encoded } : { encoded, failure: failures[0] };
}

interface Lane {
  announce(): () => void;
  send(records: readonly EncodedRecord[]): Promise<void>;
  idle(): Promise<void>;
}

function createLane(
  topic: Topic,
  options: PublisherOptions,
  onRemoved: (record: EncodedRecord) => void,
): Lane {
  const outbox = createOutbox(onRemoved);
  const gathering = createGathering();
  const announced = createAnnouncements();
  let running: Promise<void> | undefined;
  let isPruning = false;

  async function prune(): Promise<void> {
    if (isPruning) return;
    isPruning = true;
    await nextTurn();
    isPruning = false;
    outbox.prune();
  }

  async function run(): Promise<void> {
    // Calls of the same turn of the event loop share a transaction.
    await nextTurn();
    while (!outbox.isEmpty) {
      const sent = await sendNext(topic, outbox, options);
      if (isShared(sent) || announced.coming > 0) await gather(sent.length);
    }
    running = undefined;
  }

  /** Waits for those of the last transaction, those who waited for it, and those who announced a record meanwhile. */
  async function gather(sent: number): Promise<void> {
    await untilTogether(
      gathering,
      {
        waiting: () => outbox.records,
        coming: () => announced.coming,
        isFull: () => outbox.bytes >= BATCH_BYTES,
      },
      {
        wanted: Math.min(sent + outbox.records + announced.coming, CROWD),
        longestMs: GATHER_PUBLISH_MS,
        lullMs: LULL_MS,
      },
    );
  }

  return {
    announce: announced.announce,
    send: (records) => {
      const sent = new Promise<void>((resolve, reject) => {
        const publication = createPublication(topic, records.length, options.timeoutMs, (error) => {
          if (error === undefined) return resolve();
          reject(error);
          void prune();
        });
        for (const record of records) outbox.put({ record, publication });
        gathering.tell(outbox.bytes >= BATCH_BYTES ? Number.POSITIVE_INFINITY : outbox.records);
      });
      running ??= run();
      return sent;
    },
    idle: async () => running,
  };
}

function createPublication(
  topic: Topic,
  records: number,
  timeoutMs: number,
  onSettled: (error?: Error) => void,
): Publication {
  const timer = setTimeout(() => {
    publication.settle(new CodedError('bus-unavailable', `not durable after ${timeoutMs} ms`));
  }, timeoutMs);
  const publication: Publication = {
    topic,
    left: records,
    isSettled: false,
    settle: (error) => {
      if (publication.isSettled) return;
      publication.isSettled = true;
      clearTimeout(timer);
      onSettled(error);
    },
  };
  return publication;
}

/** Whether it holds records of several publishes. */
function isShared(sent: readonly Waiting[]): boolean {
  return sent.some(({ publication }) => publication !== sent[0]?.publication);
}

/** Writes the next transaction, again and again while the database is away and somebody still waits for it. Gives its records. */
async function sendNext(
  topic: Topic,
  outbox: Outbox,
  options: PublisherOptions,
): Promise<readonly Waiting[]> {
  const taken = outbox.take();
  for (let attempt = 0; ; attempt++) {
    const wanted = taken.filter(({ publication }) => !publication.isSettled);
    if (wanted.length === 0) return [];
    try {
      const records = wanted.map(({ record }) => record);
      options.recent.add(topic, records, await appendRecords(options.pool, topic, records));
      onDurable(topic, wanted, options);
      return wanted;
    } catch (error) {
      if (!mayComeBack(error)) {
        failAll(wanted, error);
        return wanted;
      }
      options.metrics.sendRetries.inc();
      options.logger.warn({ reason: messageOf(error), topic }, 'cannot publish, will try again');
      await sleep(Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt, 10)));
    }
  }
}

function onDurable(
  topic: Topic,
  wanted: readonly Waiting[],
  { metrics, onPublished }: PublisherOptions,
): void {
  metrics.published.inc({ topic }, wanted.length);
  metrics.transactionRecords.observe({ topic }, wanted.length);
  onPublished(topic);
  for (const { publication } of wanted) {
    publication.left -= 1;
    if (publication.left === 0) publication.settle();
  }
}

function failAll(wanted: readonly Waiting[], cause: unknown): void {
  const error = new CodedError('bus-unavailable', 'the database refuses to publish', { cause });
  for (const { publication } of wanted) publication.settle(error);
}

/** A check violation: the day's partition was attached while the row was on its way to the default one. */
const PASSING = [SQL_STATE.queryCanceled, SQL_STATE.deadlockDetected, SQL_STATE.checkViolation];

function mayComeBack(error: unknown): boolean {
  return isConnectionError(error) || PASSING.some((state) => hasSqlState(error, state));
}
