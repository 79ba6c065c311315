import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RECENT_BYTES, RECENT_MS } from '../../../../libs/bus/postgres/limits.ts';
import type { Cursor, StoredRecord } from '../../../../libs/bus/postgres/log.sql.ts';
import { RecentRecords } from '../../../../libs/bus/postgres/recent-records.ts';
import { TOPICS } from '../../../../libs/records/topics.ts';

const TOPIC = TOPICS.channelEvents;
const TOPIC_ID = 1;
const ALL = { maxRecords: 100, maxBytes: 1_000_000 };

/** Keeps records of these partitions as one transaction that began at `first` in each. */
function add(
  recent: RecentRecords,
  partitions: readonly number[],
  { first = 0n, bytes = 10, publishedUs = 7 } = {},
): void {
  const records = partitions.map((partition, i) => ({ key: `k${i}`, text: String(i), partition, bytes }));
  recent.add(TOPIC, records, {
    topicId: TOPIC_ID,
    publishedUs,
    firsts: new Array<bigint>(16).fill(first),
  });
}

function cursor(partition: number, nextOffset = 0n): Cursor {
  return { topic: TOPIC, topicId: TOPIC_ID, partition, nextOffset };
}

const values = (records: readonly StoredRecord[]) => records.map(({ value }) => value.value);

test('gives what follows a cursor, in turn from each partition, and nothing behind a gap', () => {
  const recent = new RecentRecords();
  recent.attend([TOPIC], () => undefined);
  add(recent, [0, 0, 0, 1, 1]);
  add(recent, [1], { first: 9n });
  assert.deepEqual(values(recent.take([cursor(0), cursor(1)], ALL)), [0, 3, 1, 4, 2]);
  assert.deepEqual(recent.take([cursor(1, 2n)], ALL), []);
  assert.equal(recent.has(cursor(1, 9n)), true);
  assert.equal(recent.has(cursor(0, 0n)), false, 'what was taken is gone');
});

test('keeps to the limits of a read; a larger record comes alone', () => {
  const recent = new RecentRecords();
  recent.attend([TOPIC], () => undefined);
  add(recent, [0, 0, 0]);
  assert.equal(recent.take([cursor(0)], { ...ALL, maxRecords: 2 }).length, 2);
  assert.equal(recent.take([cursor(0, 2n)], { ...ALL, maxBytes: 5 }).length, 1);
  assert.equal(recent.size, 0);
});

test('a large record is passed by until it has waited longest, and then comes alone', () => {
  const recent = new RecentRecords();
  recent.attend([TOPIC], () => undefined);
  add(recent, [0, 0, 2, 2], { publishedUs: 1 });
  add(recent, [1], { bytes: 600, publishedUs: 2 });
  add(recent, [0, 1, 2], { first: 2n, publishedUs: 3 });
  const limits = { maxRecords: 4, maxBytes: 1_000 };
  const offsets = (from: [bigint, bigint, bigint]) =>
    recent
      .take(
        from.map((offset, at) => cursor(at, offset)),
        limits,
      )
      .map((one) => [one.partition, one.offset]);
  assert.deepEqual(offsets([0n, 0n, 0n]), [
    [0, 0n],
    [2, 0n],
    [0, 1n],
    [2, 1n],
  ]);
  assert.deepEqual(offsets([2n, 0n, 2n]), [[1, 0n]]);
  assert.deepEqual(offsets([2n, 1n, 2n]), [
    [0, 2n],
    [2, 2n],
  ]);
});

test('keeps a record until every reader of its topic has it, and nothing for nobody', () => {
  const recent = new RecentRecords();
  add(recent, [0]);
  assert.equal(recent.size, 0);
  const leave = recent.attend([TOPIC], () => undefined);
  recent.attend([TOPIC], () => undefined);
  add(recent, [0]);
  assert.deepEqual(values(recent.take([cursor(0)], ALL)), [0]);
  assert.deepEqual(values(recent.take([cursor(0)], ALL)), [0]);
  assert.equal(recent.size, 0);
  leave();
  add(recent, [0]);
  recent.take([cursor(0)], ALL);
  assert.equal(recent.size, 0);
});

test('forgets the oldest beyond its bound, and everything on demand; its readers are told', () => {
  const recent = new RecentRecords();
  let lost = 0;
  recent.attend([TOPIC], () => {
    lost += 1;
  });
  add(recent, [0, 0, 0], { bytes: RECENT_BYTES / 2 });
  assert.equal(lost, 1);
  assert.deepEqual(
    [0n, 1n, 2n].map((offset) => recent.has(cursor(0, offset))),
    [false, true, true],
  );
  recent.clear();
  assert.equal(recent.size, 0);
  assert.equal(lost, 2);
});

test('forgets what its readers have passed without taking it, and tells nobody', () => {
  let now = 0;
  let lost = 0;
  const sizes: number[] = [];
  const recent = new RecentRecords(
    (bytes) => sizes.push(bytes),
    () => now,
  );
  recent.attend([TOPIC], () => {
    lost += 1;
  });
  add(recent, [0, 1]);
  now = RECENT_MS;
  add(recent, [2]);
  assert.equal(recent.size, 1);
  assert.equal(recent.has(cursor(2)), true);
  assert.deepEqual({ lost, kept: sizes.at(-1) }, { lost: 0, kept: 10 });
});
