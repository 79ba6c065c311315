import type { Pool } from 'pg';
import { messageOf } from '../../errors/coded-error.ts';
import type { Stoppable } from '../../lifecycle/stoppable.ts';
import { databaseNowUs, dropPartition, listPartitions, takeTurn } from '../../postgres/partition.sql.ts';
import { isExpired } from '../../postgres/partition-range.ts';
import { transaction } from '../../postgres/transaction.ts';
import { HELD_TOPICS } from '../../records/topics.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { BusMetrics } from './metrics.ts';
import { findBehind, sizeOfPartition } from './retention.sql.ts';

export interface RetentionOptions {
  pool: Pool;
  metrics: BusMetrics;
  logger: Logger;
  /** days that are kept at the most */
  maxDays: number;
  /** bytes that are kept at the most; the day that is being written is never dropped */
  maxBytes: number;
  intervalMs?: number;
}

export interface Retention extends Stoppable {
  run(): Promise<void>;
}

const TABLE = 'bus_records';
const DAY_US = 86_400_000_000;
/** Somebody else changes the partitions: he may be dropping what we would. */
const TURN_MS = 500;

interface Day {
  name: string;
  toUs: number;
  bytes: number;
}

/**
 * Drops days of the bus: those that every registered group has passed, and, with an alert, those beyond the limits of
 * age and size whether read or not. One instance at a time; what fails is tried again at the next run.
 */
export function startRetention(options: RetentionOptions): Retention {
  let running: Promise<void> | undefined;
  let isStopped = false;
  const run = async () => {
    if (isStopped) return;
    running ??= runOnce(options).finally(() => {
      running = undefined;
    });
    await running;
  };
  const timer = setInterval(run, options.intervalMs ?? 600_000);
  timer.unref();
  return {
    run,
    stop: async () => {
      isStopped = true;
      clearInterval(timer);
      await running;
    },
  };
}

async function runOnce(options: RetentionOptions): Promise<void> {
  try {
    const days = await readDays(options);
    let bytes = days.reduce((sum, day) => sum + day.bytes, 0);
    options.metrics.storedBytes.set(bytes);
    const nowUs = await databaseNowUs(options.pool);
    for (const day of days.filter((past) => isExpired(past, nowUs))) {
      const overLimit = isExpired(day, nowUs - options.maxDays * DAY_US) || bytes > options.maxBytes;
      if (await dropDay(day, overLimit, options)) bytes -= day.bytes;
    }
    options.metrics.storedBytes.set(bytes);
  } catch (error) {
    options.logger.warn(
      { reason: messageOf(error) },
      'the retention of the bus could not run, will try again',
    );
  }
}

/** Oldest first. */
async function readDays({ pool }: RetentionOptions): Promise<Day[]> {
  return transaction(pool, async (client) => {
    const partitions = await listPartitions(client, TABLE);
    const days: Day[] = [];
    for (const { name, range } of partitions) {
      if (range === undefined) continue;
      days.push({ name, toUs: range.toUs, bytes: await sizeOfPartition(client, name) });
    }
    return days.sort((a, b) => a.toUs - b.toUs);
  });
}

/** Drops a day that is read, or over a limit; what another instance dropped meanwhile is gone. */
async function dropDay(day: Day, overLimit: boolean, options: RetentionOptions): Promise<boolean> {
  const { pool, logger, metrics } = options;
  return transaction(pool, async (client) => {
    await takeTurn(client, TABLE, TURN_MS);
    if (!(await listPartitions(client, TABLE)).some(({ name }) => name === day.name)) return false;
    const behind = await findBehind(client, day.name, HELD_TOPICS);
    if (behind.length > 0 && !overLimit) return false;
    await dropPartition(client, TABLE, day.name);
    if (behind.length > 0) {
      metrics.droppedUnread.inc();
      for (const { group } of behind) metrics.lastLoss.setToCurrentTime({ group });
      logger.error(
        { day: day.name, bytes: day.bytes, behind },
        'a day of the bus was dropped unread: over the limit',
      );
    } else {
      logger.info(
        { day: day.name, bytes: day.bytes },
        'a day of the bus was dropped: every group has read it',
      );
    }
    return true;
  });
}
