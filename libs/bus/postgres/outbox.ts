import type { Topic } from '../../records/topics.ts';
import { Queue } from '../queue.ts';
import { BATCH_BYTES, TRANSACTION_RECORDS } from './limits.ts';
import type { EncodedRecord } from './record.ts';

/** One call of publish: settled when the last of its records is, or when its time is over. */
export interface Publication {
  readonly topic: Topic;
  /** records that are not durable yet */
  left: number;
  isSettled: boolean;
  settle(error?: Error): void;
}

/** A record on its way, and the call it came with. */
export interface Waiting {
  record: EncodedRecord;
  publication: Publication;
}

/** Records of one topic that wait, in the order of their calls. */
export interface Outbox {
  readonly isEmpty: boolean;
  readonly records: number;
  readonly bytes: number;
  put(waiting: Waiting): void;
  /** The next transaction: at most 768 KiB, or one larger record alone. Skips calls that have given up. */
  take(): Waiting[];
  /** Throws away what was given up: it must not hold its place (and its bytes) while the database is away. */
  prune(): void;
}

/** Makes an empty outbox; `onRemoved` is told of each record that leaves it. */
export function createOutbox(onRemoved: (record: EncodedRecord) => void): Outbox {
  const queue = new Queue<Waiting>();
  let bytes = 0;

  function drop(waiting: Waiting): void {
    queue.drop();
    remove(waiting.record);
  }

  function remove(record: EncodedRecord): void {
    bytes -= record.bytes;
    onRemoved(record);
  }

  return {
    get isEmpty() {
      return queue.length === 0;
    },
    get records() {
      return queue.length;
    },
    get bytes() {
      return bytes;
    },
    put: (waiting) => {
      bytes += waiting.record.bytes;
      queue.push(waiting);
    },
    take: () => {
      const taken: Waiting[] = [];
      let size = 0;
      while (taken.length < TRANSACTION_RECORDS) {
        const next = queue.first;
        if (next === undefined) break;
        const isWanted = !next.publication.isSettled;
        if (isWanted && taken.length > 0 && size + next.record.bytes > BATCH_BYTES) break;
        drop(next);
        if (!isWanted) continue;
        taken.push(next);
        size += next.record.bytes;
      }
      return taken;
    },
    prune: () => {
      queue.keep(({ record, publication }) => {
        if (publication.isSettled) remove(record);
        return !publication.isSettled;
      });
    },
  };
}
