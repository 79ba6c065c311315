import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, messageOf } from '../../errors/coded-error.ts';
import type { Topic } from '../../records/topics.ts';
import type { BatchHandler, DeliveredRecord, Lag, Subscription } from '../bus.ts';
import { POLL_MS } from './limits.ts';
import { type Cursor, findDropped, measureLag, type StoredRecord } from './log.sql.ts';
import { createLogReader, deliver, placeOf } from './log-reader.ts';
import { joinGroup, type Lease, type Membership, type MembershipOptions } from './membership.ts';
import { createAlarm } from './news.ts';
import type { RecentRecords } from './recent-records.ts';

export interface ConsumerOptions extends Omit<MembershipOptions, 'onAcquired'> {
  onBatch: BatchHandler;
  maxRecords: number;
  maxBytes: number;
  /** how far apart reads are while there is something to read, milliseconds */
  gatherMs: number;
  recent: RecentRecords;
}

/** A record and the lease it was read under. */
interface Piece {
  lease: Lease;
  record: DeliveredRecord;
  nextOffset: bigint;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
/** Every so many idle polls it looks whether what it waits for was dropped. */
const DROPPED_EVERY = 20;

/**
 * A member of a group: reads what its leases allow, applies, commits, and reads the next batch while it applies. What
 * fails comes again, in order; what another member took over is neither applied again nor committed.
 */
export async function startConsumer(options: ConsumerOptions): Promise<Subscription> {
  const { pool, group, topics, news, metrics, logger, onBatch, maxRecords, maxBytes, gatherMs } = options;
  const alarm = createAlarm();
  const reader = createLogReader(pool, options.recent, topics);
  const askAndRing = () => {
    reader.ask();
    alarm.ring();
  };
  const unsubscribe = news.subscribe(topics, (origin) =>
    origin === 'elsewhere' ? askAndRing() : alarm.ring(),
  );
  const membership = await joinGroup({ ...options, onAcquired: askAndRing });
  let isStopping = false;
  let idlePolls = 0;
  let readAt = 0;
  /** whether there is more to read at once */
  let wasFull = false;

  async function read(after: ReadonlyMap<Lease, bigint>): Promise<Piece[]> {
    const leases = membership.leases();
    if (leases.length === 0) return [];
    const cursors = leases.map((lease) => ({ ...lease, nextOffset: after.get(lease) ?? lease.nextOffset }));
    readAt = performance.now();
    const records = await reader.read(cursors, { maxRecords, maxBytes });
    const bytes = records.reduce((sum, record) => sum + record.bytes, 0);
    wasFull = records.length >= maxRecords || bytes * 2 >= maxBytes;
    return toPieces(records, leases);
  }

  function toPieces(records: readonly StoredRecord[], leases: readonly Lease[]): Piece[] {
    const byPlace = new Map(leases.map((lease) => [placeOf(lease), lease]));
    return records.flatMap((record) => {
      const lease = byPlace.get(placeOf(record));
      if (lease === undefined) return [];
      return [{ lease, record: deliver(record, lease.topic), nextOffset: record.offset + 1n }];
    });
  }

  /** Applies until it succeeds; gives what was applied, nothing when it was stopped or lost everything. */
  async function apply(pieces: readonly Piece[]): Promise<Piece[]> {
    for (let attempt = 0; !(isStopping && attempt > 0); attempt++) {
      const mine = pieces.filter(({ lease }) => lease.isHeld && !lease.isLeaving);
      if (mine.length === 0) return [];
      const end = metrics.applySeconds.startTimer({ group });
      try {
        await onBatch(mine.map(({ record }) => record));
        end();
        metrics.batchRecords.observe({ group }, mine.length);
        return mine;
      } catch (error) {
        metrics.applyFailures.inc({ group });
        logger.error({ group, err: error, records: mine.length }, 'a batch failed, it will come again');
      }
      if (!isStopping) await backOff(attempt);
      await membership.giveUp();
    }
    return [];
  }

  /** Waits without being woken by news, but not beyond a stop. */
  async function backOff(attempt: number): Promise<void> {
    const until = performance.now() + retryMs(attempt);
    while (!isStopping && performance.now() < until) await alarm.wait(until - performance.now());
    alarm.ring();
  }

  async function commit(applied: readonly Piece[]): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        await membership.commit(progressOf(applied.filter(({ lease }) => lease.isHeld)));
        metrics.applied.inc({ group }, applied.length);
        return;
      } catch (error) {
        if (codeOf(error) === 'lease-lost') metrics.uncommitted.inc({ group });
        logger.warn({ group, reason: messageOf(error) }, 'a batch was applied but not committed');
        if (codeOf(error) === 'lease-lost' || isStopping) return;
        await backOff(attempt);
      }
    }
  }

  async function skipDropped(): Promise<void> {
    idlePolls += 1;
    if (idlePolls % DROPPED_EVERY !== 1) return;
    const leases = membership.leases();
    const dropped = await findDropped(pool, leases);
    if (dropped.length === 0) return;
    const progress = new Map<Lease, bigint>();
    for (const { topic_id, partition, records } of dropped) {
      const lease = leases.find((one) => one.topicId === topic_id && one.partition === partition);
      if (lease === undefined) continue;
      progress.set(lease, lease.nextOffset + BigInt(records));
      metrics.skipped.inc({ group }, Number(records));
    }
    logger.error({ group, partitions: dropped.length }, 'records were dropped before this group read them');
    await membership.commit(progress);
  }

  /** Reads that are not full stand apart, so that records gather in between. */
  async function gather(): Promise<void> {
    const early = readAt + gatherMs - performance.now();
    if (!wasFull && !isStopping && early > 0) await sleep(early);
  }

  /** One batch; gives what was read ahead for the next one. */
  async function step(ahead: Piece[] | undefined): Promise<Piece[] | undefined> {
    await membership.giveUp();
    const pieces = (ahead ?? (await read(new Map()))).filter(({ lease }) => lease.isHeld && !lease.isLeaving);
    if (pieces.length === 0) {
      if (ahead !== undefined) return undefined;
      if ((await alarm.wait(POLL_MS)) === 'timeout') {
        reader.ask();
        await skipDropped();
      }
      await gather();
      return undefined;
    }
    idlePolls = 0;
    const reading = wasFull ? read(progressOf(pieces)).catch(() => undefined) : undefined;
    const applied = await apply(pieces);
    if (applied.length > 0) await commit(applied);
    if (reading === undefined) {
      await gather();
      return undefined;
    }
    const next = await reading;
    if (applied.length === pieces.length && pieces.every(({ lease }) => lease.isHeld)) return next;
    // Read behind records that were not applied, or not committed: the order within a key comes first.
    reader.ask();
    return undefined;
  }

  const running = (async () => {
    let ahead: Piece[] | undefined;
    for (let failures = 0; !isStopping; ) {
      try {
        ahead = await step(ahead);
        failures = 0;
      } catch (error) {
        ahead = undefined;
        reader.ask();
        logger.warn({ group, reason: messageOf(error) }, 'cannot read from the bus, will try again');
        await backOff(failures++);
      }
    }
  })();

  const showLag = () => showLagOf(membership, options).catch(() => undefined);
  const lagTimer = setInterval(showLag, 5_000);
  lagTimer.unref();

  return {
    stop: async () => {
      isStopping = true;
      alarm.ring();
      clearInterval(lagTimer);
      await running;
      unsubscribe();
      reader.stop();
      await membership.leave().catch((error: unknown) => {
        logger.warn({ group, reason: messageOf(error) }, 'left the group without a goodbye');
      });
    },
    lag: () => lagOf(membership, options),
  };
}

async function lagOf(membership: Membership, { pool }: ConsumerOptions): Promise<Lag[]> {
  const leases = membership.leases();
  const waits = await measureLag(pool, leases);
  return waits.flatMap(({ topic_id, partition, records, seconds }) => {
    const topic = topicOf(leases, topic_id);
    return topic === undefined ? [] : [{ topic, partition, records: Number(records), seconds }];
  });
}

async function showLagOf(membership: Membership, options: ConsumerOptions): Promise<void> {
  const lags = await lagOf(membership, options);
  for (const topic of options.topics) {
    const own = lags.filter((lag) => lag.topic === topic);
    const labels = { group: options.group, topic };
    options.metrics.lagRecords.set(
      labels,
      own.reduce((sum, lag) => sum + lag.records, 0),
    );
    options.metrics.lagSeconds.set(labels, Math.max(0, ...own.map((lag) => lag.seconds)));
  }
}

function topicOf(cursors: readonly Cursor[], topicId: number): Topic | undefined {
  return cursors.find((cursor) => cursor.topicId === topicId)?.topic;
}

function progressOf(pieces: readonly Piece[]): Map<Lease, bigint> {
  return new Map(pieces.map(({ lease, nextOffset }) => [lease, nextOffset]));
}

function retryMs(attempt: number): number {
  return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt, 10)) * (0.75 + Math.random() / 2);
}
