import type { Pool } from 'pg';
import type { Topic } from '../../records/topics.ts';
import type { DeliveredRecord } from '../bus.ts';
import { ASK_MS } from './limits.ts';
import { type Cursor, fetchRecords, type StoredRecord } from './log.sql.ts';
import type { ReadLimits, RecentRecords } from './recent-records.ts';

/** Reads what follows cursors: from the memory of this process what it published itself, the rest from the database. */
export interface LogReader {
  /** The next records, within the limits; none when nothing is known of that waits. @throws when the database is away */
  read(cursors: readonly Cursor[], limits: ReadLimits): Promise<StoredRecord[]>;
  /** There may be records in the database that are not in memory: the next reads look there, until it has no more. */
  ask(): void;
  stop(): void;
}

/** Makes a reader of topics. */
export function createLogReader(pool: Pool, recent: RecentRecords, topics: readonly Topic[]): LogReader {
  let mayBeBehind = true;
  let askedAt = Number.NEGATIVE_INFINITY;
  const ask = () => {
    mayBeBehind = true;
  };
  const stop = recent.attend(topics, ask);

  return {
    read: async (cursors, limits) => {
      const rest = cursors.filter((cursor) => !recent.has(cursor));
      if (rest.length > 0 && (mayBeBehind || performance.now() - askedAt > ASK_MS)) {
        mayBeBehind = false;
        askedAt = performance.now();
        const rows = await fetchRecords(pool, rest, limits).catch((error: unknown) => {
          mayBeBehind = true;
          throw error;
        });
        if (rows.length > 0) {
          mayBeBehind = true;
          return rows;
        }
      }
      return recent.take(cursors, limits);
    },
    ask,
    stop,
  };
}

/** One partition of one topic, as a text. */
export function placeOf({ topicId, partition }: { topicId: number; partition: number }): string {
  return `${topicId}/${partition}`;
}

/** A stored record as subscribers get it. */
export function deliver(record: StoredRecord, topic: Topic): DeliveredRecord {
  const { key, value, partition, offset, publishedUs } = record;
  return { topic, key, value: value.value, partition, offset: String(offset), publishedUs };
}
