import type { Pool } from 'pg';
import { messageOf } from '../../errors/coded-error.ts';
import type { Topic } from '../../records/topics.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { DeliveredRecord, Subscription } from '../bus.ts';
import { deliver } from './consumer.ts';
import { BATCH_BYTES, POLL_MS } from './limits.ts';
import { type Cursor, fetchRecords, findDropped, findEnds, measureLag } from './log.sql.ts';
import { createAlarm, type News } from './news.ts';

export interface FollowerOptions {
  pool: Pool;
  topics: readonly Topic[];
  news: News;
  logger: Logger;
  onRecords: (records: DeliveredRecord[]) => void;
}

const MAX_RECORDS = 1_000;
const DROPPED_EVERY = 20;

/** Reads everything from now on, for this instance alone. @throws when the database is away */
export async function startFollower(options: FollowerOptions): Promise<Subscription> {
  const { pool, topics, news, logger, onRecords } = options;
  const alarm = createAlarm();
  const unsubscribe = news.subscribe(topics, alarm.ring);
  const cursors = await findEnds(pool, topics);
  let isStopping = false;
  let idlePolls = 0;

  async function step(): Promise<void> {
    const rows = await fetchRecords(pool, cursors, { maxRecords: MAX_RECORDS, maxBytes: BATCH_BYTES });
    const records = rows.flatMap((row) => {
      const cursor = find(cursors, row.topic_id, row.partition);
      if (cursor === undefined) return [];
      cursor.nextOffset = BigInt(row.record_offset) + 1n;
      return [deliver(row, cursor.topic)];
    });
    if (records.length > 0) onRecords(records);
    else if ((await alarm.wait(POLL_MS)) === 'timeout') await skipDropped();
  }

  async function skipDropped(): Promise<void> {
    idlePolls += 1;
    if (idlePolls % DROPPED_EVERY !== 1) return;
    for (const { topic_id, partition, records } of await findDropped(pool, cursors)) {
      const cursor = find(cursors, topic_id, partition);
      if (cursor !== undefined) cursor.nextOffset += BigInt(records);
    }
  }

  const running = (async () => {
    while (!isStopping) {
      try {
        await step();
      } catch (error) {
        logger.warn({ topics, reason: messageOf(error) }, 'cannot follow the bus, will try again');
        await alarm.wait(POLL_MS);
      }
    }
  })();

  return {
    stop: async () => {
      isStopping = true;
      alarm.ring();
      await running;
      unsubscribe();
    },
    lag: async () => {
      const waits = await measureLag(pool, cursors);
      return waits.flatMap(({ topic_id, partition, records, seconds }) => {
        const cursor = find(cursors, topic_id, partition);
        return cursor === undefined
          ? []
          : [{ topic: cursor.topic, partition, records: Number(records), seconds }];
      });
    },
  };
}

function find(cursors: readonly Cursor[], topicId: number, partition: number): Cursor | undefined {
  return cursors.find((cursor) => cursor.topicId === topicId && cursor.partition === partition);
}
