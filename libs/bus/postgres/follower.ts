import type { Pool } from 'pg';
import { messageOf } from '../../errors/coded-error.ts';
import type { Topic } from '../../records/topics.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { DeliveredRecord, Subscription } from '../bus.ts';
import { BATCH_BYTES, POLL_MS } from './limits.ts';
import { type Cursor, findDropped, findEnds, measureLag } from './log.sql.ts';
import { createLogReader, deliver } from './log-reader.ts';
import { createAlarm, type News } from './news.ts';
import type { RecentRecords } from './recent-records.ts';

export interface FollowerOptions {
  pool: Pool;
  topics: readonly Topic[];
  news: News;
  recent: RecentRecords;
  logger: Logger;
  onRecords: (records: DeliveredRecord[]) => void;
}

const MAX_RECORDS = 1_000;
const DROPPED_EVERY = 20;

/** Reads everything from now on, for this instance alone. @throws when the database is away */
export async function startFollower(options: FollowerOptions): Promise<Subscription> {
  const { pool, topics, news, recent, logger, onRecords } = options;
  const alarm = createAlarm();
  const cursors = await findEnds(pool, topics);
  const reader = createLogReader(pool, recent, topics);
  const unsubscribe = news.subscribe(topics, (origin) => {
    if (origin === 'elsewhere') reader.ask();
    alarm.ring();
  });
  let isStopping = false;
  let idlePolls = 0;

  async function step(): Promise<void> {
    const read = await reader.read(cursors, { maxRecords: MAX_RECORDS, maxBytes: BATCH_BYTES });
    const records = read.flatMap((record) => {
      const cursor = find(cursors, record.topicId, record.partition);
      if (cursor === undefined) return [];
      cursor.nextOffset = record.offset + 1n;
      return [deliver(record, cursor.topic)];
    });
    if (records.length > 0) return onRecords(records);
    if ((await alarm.wait(POLL_MS)) === 'rung') return;
    reader.ask();
    await skipDropped();
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
      reader.stop();
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
