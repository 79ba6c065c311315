import type { Topic } from '../../records/topics.ts';
import { Json } from './json.ts';
import { RECENT_BYTES, RECENT_MS, RECENT_RECORDS } from './limits.ts';
import type { Cursor, StoredRecord } from './log.sql.ts';
import type { Placement } from './placement.ts';
import type { EncodedRecord } from './record.ts';

/** How much one read may take. */
export interface ReadLimits {
  maxRecords: number;
  maxBytes: number;
}

interface Recent {
  record: StoredRecord;
  /** readers of this process that have not taken it yet */
  readers: number;
  addedAt: number;
}

/**
 * What this process published a moment ago and its own readers have still to read: they need not fetch it. Holds only
 * what was committed, each record until every reader of its topic has taken it, and the newest of them within bounds: what
 * is not here is in the database.
 */
export class RecentRecords {
  readonly #records = new Map<string, Recent>();
  readonly #readers = new Map<Topic, number>();
  readonly #onLost = new Set<() => void>();
  readonly #onBytes: (bytes: number) => void;
  readonly #now: () => number;
  #bytes = 0;

  /** `onBytes` is told how much is kept; `now` gives milliseconds. */
  constructor(onBytes: (bytes: number) => void = () => undefined, now = () => performance.now()) {
    this.#onBytes = onBytes;
    this.#now = now;
  }

  get size(): number {
    return this.#records.size;
  }

  /** Announces a reader of topics, and what tells it that something is not here any more; the function that it gives ends that. */
  attend(topics: readonly Topic[], onLost: () => void): () => void {
    const count = (change: 1 | -1) => {
      for (const topic of topics) this.#readers.set(topic, (this.#readers.get(topic) ?? 0) + change);
    };
    count(1);
    this.#onLost.add(onLost);
    return () => {
      count(-1);
      this.#onLost.delete(onLost);
    };
  }

  /** Whether the next record of a cursor is here. */
  has({ topicId, partition, nextOffset }: Cursor): boolean {
    return this.#records.has(nameOf(topicId, partition, nextOffset));
  }

  /** Keeps what was just committed; `ranks` number the records of each partition from 0. */
  add(topic: Topic, records: readonly EncodedRecord[], { topicId, publishedUs, firsts }: Placement): void {
    const readers = this.#readers.get(topic) ?? 0;
    if (readers === 0) return;
    const next = [...firsts];
    const addedAt = this.#now();
    for (const { key, text, partition, bytes } of records) {
      const offset = next[partition] ?? 0n;
      next[partition] = offset + 1n;
      const record = { topicId, partition, offset, key, value: new Json(text), bytes, publishedUs };
      this.#records.set(nameOf(topicId, partition, offset), { record, readers, addedAt });
      this.#bytes += bytes;
    }
    this.#trim();
    this.#onBytes(this.#bytes);
  }

  /** The records that follow these cursors without a gap, as `fetchRecords` takes them; nothing of a cursor that has none here. */
  take(cursors: readonly Cursor[], { maxRecords, maxBytes }: ReadLimits): StoredRecord[] {
    if (this.#records.size === 0) return [];
    const isLarge = ({ bytes }: StoredRecord) => bytes * 2 > maxBytes;
    let open = this.#waiting(cursors);
    const [oldest] = open;
    if (oldest !== undefined && isLarge(oldest.record)) return this.#handOut([oldest.record]);
    const taken: StoredRecord[] = [];
    let bytes = 0;
    for (let rank = 1n; open.length > 0; rank += 1n) {
      const passed: Cursor[] = [];
      for (const { cursor, record } of open) {
        if (isLarge(record)) continue;
        const isFull = taken.length >= maxRecords || bytes + record.bytes > maxBytes;
        if (taken.length > 0 && isFull) return this.#handOut(taken);
        taken.push(record);
        bytes += record.bytes;
        passed.push(cursor);
      }
      open = this.#waiting(passed, rank);
    }
    return this.#handOut(taken);
  }

  /** What stands `rank` places behind these cursors, the longest waiting first. */
  #waiting(cursors: readonly Cursor[], rank = 0n): { cursor: Cursor; record: StoredRecord }[] {
    return cursors
      .flatMap((cursor) => {
        const recent = this.#records.get(nameOf(cursor.topicId, cursor.partition, cursor.nextOffset + rank));
        return recent === undefined ? [] : [{ cursor, record: recent.record }];
      })
      .sort((left, right) => left.record.publishedUs - right.record.publishedUs);
  }

  /** Forgets everything: a database that was away may come back as another one. */
  clear(): void {
    this.#records.clear();
    this.#bytes = 0;
    this.#onBytes(0);
    for (const tell of this.#onLost) tell();
  }

  #handOut(taken: StoredRecord[]): StoredRecord[] {
    for (const record of taken) this.#release(record);
    this.#onBytes(this.#bytes);
    return taken;
  }

  #release({ topicId, partition, offset }: StoredRecord): void {
    const name = nameOf(topicId, partition, offset);
    const recent = this.#records.get(name);
    if (recent === undefined || --recent.readers > 0) return;
    this.#records.delete(name);
    this.#bytes -= recent.record.bytes;
  }

  /**
   * A reader that looked into the database between a commit and the news of it has passed these, and will never take them. Nobody is
   * told: one that is so far behind looks there within ASK_MS.
   */
  #dropOld(): void {
    const oldest = this.#now() - RECENT_MS;
    for (const [name, { record, addedAt }] of this.#records) {
      if (addedAt > oldest) break;
      this.#records.delete(name);
      this.#bytes -= record.bytes;
    }
  }

  #trim(): void {
    this.#dropOld();
    const isTooMuch = () => this.#bytes > RECENT_BYTES || this.#records.size > RECENT_RECORDS;
    if (!isTooMuch()) return;
    for (const [name, { record }] of this.#records) {
      if (!isTooMuch()) break;
      this.#records.delete(name);
      this.#bytes -= record.bytes;
    }
    for (const tell of this.#onLost) tell();
  }
}

function nameOf(topicId: number, partition: number, offset: bigint): string {
  return `${topicId}/${partition}/${offset}`;
}
