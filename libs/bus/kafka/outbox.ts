import { CodedError } from '../../errors/coded-error.ts';
import type { Topic } from '../../records/topics.ts';
import { Queue } from '../queue.ts';
import {
  BATCH_BYTES,
  OWN_BYTES,
  OWN_RECORDS,
  REQUEST_RECORDS,
  WAITING_BYTES,
  WAITING_RECORDS,
} from './limits.ts';

/** One record on its way. */
export interface OutgoingRecord {
  topic: Topic;
  key: string;
  value: Buffer;
  /** of key and value */
  bytes: number;
}

/** A record in the outbox, and whom to tell what became of it; `isWanted` turns false when its publisher gave up. */
export interface Waiting extends OutgoingRecord {
  settle(error?: Error): void;
  isWanted(): boolean;
}

/** What waits in all outboxes of a process together: its bound is one for all of them, but for the little that each has of its own. */
export interface Room {
  records: number;
  bytes: number;
}

/** Records that wait to be sent, in order, within bounds. */
export interface Outbox {
  readonly records: number;
  readonly bytes: number;
  /** Takes all of them or none. @throws CodedError `bus-overloaded` */
  put(records: readonly Waiting[]): void;
  /** The next request: at most 768 KiB, or one larger record alone. Empty when nothing waits. */
  take(): Waiting[];
}

/** Makes an empty outbox in the room that it shares with others. */
export function createOutbox(room: Room = { records: 0, bytes: 0 }): Outbox {
  const queue = new Queue<Waiting>();
  let bytes = 0;

  function skipUnwanted(): void {
    for (let next = queue.first; next !== undefined && !next.isWanted(); next = queue.first) drop(next);
  }

  function drop(record: Waiting): void {
    queue.drop();
    count(-1, -record.bytes);
  }

  function count(records: number, size: number): void {
    bytes += size;
    room.records += records;
    room.bytes += size;
  }

  return {
    get records() {
      return queue.length;
    },
    get bytes() {
      return bytes;
    },
    put: (records) => {
      const size = records.reduce((sum, record) => sum + record.bytes, 0);
      const full = room.bytes + size > WAITING_BYTES || room.records + records.length > WAITING_RECORDS;
      const ownFull = bytes + size > OWN_BYTES || queue.length + records.length > OWN_RECORDS;
      if (full && ownFull && room.records > 0)
        throw new CodedError('bus-overloaded', 'too much waits to be published already');
      for (const record of records) queue.push(record);
      count(records.length, size);
    },
    take: () => {
      const request: Waiting[] = [];
      let size = 0;
      for (skipUnwanted(); request.length < REQUEST_RECORDS; skipUnwanted()) {
        const next = queue.first;
        if (next === undefined || (request.length > 0 && size + next.bytes > BATCH_BYTES)) break;
        request.push(next);
        size += next.bytes;
        drop(next);
      }
      return request;
    },
  };
}
