import type { Pool } from 'pg';
import { CodedError } from '../../errors/coded-error.ts';
import { textArray } from '../../postgres/binary-array.ts';
import type { Topic } from '../../records/topics.ts';
import { Json } from './json.ts';
import { CHANNEL, PARTITIONS } from './limits.ts';
import type { Placement } from './placement.ts';
import type { EncodedRecord } from './record.ts';

const PUBLISH = {
  name: 'bus_publish',
  text: 'select * from bus_publish($1, $2::smallint[], $3::integer[], $4::integer[], $5::text[], $6::text[])',
};

/** Appends records to a topic in one transaction: durable when it resolves. Says where they went. */
export async function appendRecords(
  pool: Pool,
  topic: Topic,
  records: readonly EncodedRecord[],
): Promise<Placement> {
  const counts = new Array<number>(PARTITIONS).fill(0);
  const ranks = records.map(({ partition }) => {
    const rank = counts[partition] ?? 0;
    counts[partition] = rank + 1;
    return rank;
  });
  const keys = textArray(records.map(({ key }) => key));
  const texts = textArray(records.map(({ text }) => text));
  const partitions = records.map(({ partition }) => partition);
  const { rows } = await pool.query<{ topic_number: number; moment_us: string; firsts: string[] }>({
    ...PUBLISH,
    values: [topic, partitions, ranks, counts, keys, texts],
  });
  const [{ topic_number: topicId, moment_us, firsts } = NOWHERE] = rows;
  return { topicId, publishedUs: Number(moment_us), firsts: firsts.map(BigInt) };
}

const NOWHERE = { topic_number: -1, moment_us: '0', firsts: [] };

/** Resolves when the log can be reached. @throws CodedError `bus-unavailable` */
export async function checkLog(pool: Pool): Promise<void> {
  try {
    await pool.query('select from bus_topics limit 1');
  } catch (cause) {
    throw unavailable(cause);
  }
}

/** `bus-unavailable`, for what went wrong with the database. */
export function unavailable(cause: unknown): CodedError {
  return new CodedError('bus-unavailable', 'the PostgreSQL of the bus cannot be used', { cause });
}

/** Wakes the readers of every process. Not part of a publish: NOTIFY would make all publishers commit one by one. */
export async function notify(pool: Pool, payloads: readonly string[]): Promise<void> {
  await pool.query('select pg_notify($1, payload) from unnest($2::text[]) as u (payload)', [
    CHANNEL,
    payloads,
  ]);
}

/** A partition to read, and from where. */
export interface Cursor {
  topic: Topic;
  topicId: number;
  partition: number;
  nextOffset: bigint;
}

export interface StoredRecord {
  topicId: number;
  partition: number;
  offset: bigint;
  key: string;
  value: Json;
  bytes: number;
  /** microseconds since 1970 */
  publishedUs: number;
}

interface StoredRow {
  topic_id: number;
  partition: number;
  record_offset: string;
  key: string;
  value: string;
  bytes: number;
  published_us: string;
}

const FETCH = {
  name: 'bus_fetch',
  text: `
    with cursors as (
      select c.topic_id, c.partition, c.next_offset
      from unnest($1::smallint[], $2::smallint[], $3::bigint[]) as c (topic_id, partition, next_offset)
      join bus_topics t on t.id = c.topic_id and t.next_offsets[c.partition + 1] > c.next_offset
    ), share as (
      select greatest(1, ceil($4::numeric / greatest(1, count(*))))::integer as records from cursors
    ), found as (
      select r.topic_id, r.partition, r.record_offset, r.published_at, r.bytes, r.key, r.value,
             row_number() over w as rank, max(r.bytes) over w * 2 > $5 as is_behind_large
      from share, cursors c
      cross join lateral (
        select * from bus_records b
        where b.topic_id = c.topic_id and b.partition = c.partition and b.record_offset >= c.next_offset
        order by b.record_offset limit share.records
      ) r
      window w as (partition by r.topic_id, r.partition order by r.record_offset)
    ), measured as (
      select *, first_value(is_behind_large) over w as is_alone, row_number() over w as place,
             sum(bytes) filter (where not is_behind_large) over w as upto,
             count(*) filter (where not is_behind_large) over w as number
      from found window w as (order by rank, published_at, topic_id, partition rows unbounded preceding)
    )
    select topic_id, partition, record_offset, key, value, bytes,
           (extract(epoch from published_at) * 1000000)::bigint as published_us
    from measured
    where case when is_alone then place = 1
               else not is_behind_large and (number = 1 or (upto <= $5 and number <= $4)) end
    order by place`,
};

/**
 * The next records of these partitions: at most `maxRecords` and `maxBytes`, taken in turn from each so that a full
 * partition does not starve the others, the longest waiting first. A large one (more than half of `maxBytes`) comes alone
 * when it has waited longest; until then the other partitions pass it by. In the order of offsets within a partition.
 */
export async function fetchRecords(
  pool: Pool,
  cursors: readonly Cursor[],
  limits: FetchLimits,
): Promise<StoredRecord[]> {
  const records = await fetchOnce(pool, cursors, limits);
  // A statement that was planned before a day's partition was attached misses the rows that moved there: they are never
  // passed. A gap that stays is of days that were dropped.
  return hasGap(records, cursors) ? fetchOnce(pool, cursors, limits) : records;
}

interface FetchLimits {
  maxRecords: number;
  maxBytes: number;
}

function hasGap(records: readonly StoredRecord[], cursors: readonly Cursor[]): boolean {
  const placeOf = ({ topicId, partition }: { topicId: number; partition: number }) =>
    `${topicId}/${partition}`;
  const next = new Map(cursors.map((cursor) => [placeOf(cursor), cursor.nextOffset]));
  return records.some((record) => {
    const expected = next.get(placeOf(record));
    next.set(placeOf(record), record.offset + 1n);
    return record.offset !== expected;
  });
}

async function fetchOnce(
  pool: Pool,
  cursors: readonly Cursor[],
  { maxRecords, maxBytes }: FetchLimits,
): Promise<StoredRecord[]> {
  const { rows } = await pool.query<StoredRow>({
    ...FETCH,
    values: [...columnsOf(cursors), maxRecords, maxBytes],
  });
  return rows.map(({ topic_id, partition, record_offset, key, value, bytes, published_us }) => ({
    topicId: topic_id,
    partition,
    offset: BigInt(record_offset),
    key,
    value: new Json(value),
    bytes,
    publishedUs: Number(published_us),
  }));
}

export interface Waits {
  topic_id: number;
  partition: number;
  records: string;
  seconds: number;
}

/** How much waits behind each cursor, and for how long the oldest of it has. */
export async function measureLag(pool: Pool, cursors: readonly Cursor[]): Promise<Waits[]> {
  const { rows } = await pool.query<Waits>({
    name: 'bus_lag',
    text: `
      select c.topic_id, c.partition, greatest(0, t.next_offsets[c.partition + 1] - c.next_offset) as records,
             coalesce(greatest(0, extract(epoch from clock_timestamp() - oldest.published_at)), 0)::float8 as seconds
      from unnest($1::smallint[], $2::smallint[], $3::bigint[]) as c (topic_id, partition, next_offset)
      join bus_topics t on t.id = c.topic_id
      left join lateral (
        select published_at from bus_records b
        where t.next_offsets[c.partition + 1] > c.next_offset
          and b.topic_id = c.topic_id and b.partition = c.partition and b.record_offset >= c.next_offset
        order by b.record_offset limit 1
      ) oldest on true`,
    values: columnsOf(cursors),
  });
  return rows;
}

/** The end of every partition of these topics, which are made known when they are new. */
export async function findEnds(pool: Pool, topics: readonly Topic[]): Promise<Cursor[]> {
  // Only what is missing: a conflict would use up a number of the smallint identity each time.
  await pool.query(
    `insert into bus_topics (name) select name from unnest($1::text[]) as u (name)
     where not exists (select from bus_topics t where t.name = u.name) on conflict (name) do nothing`,
    [topics],
  );
  const { rows } = await pool.query<{ id: number; name: Topic; next_offsets: string[] }>(
    'select id, name, next_offsets from bus_topics where name = any ($1)',
    [topics],
  );
  return rows.flatMap(({ id, name, next_offsets }) =>
    next_offsets.map((next, partition) => ({
      topic: name,
      topicId: id,
      partition,
      nextOffset: BigInt(next),
    })),
  );
}

function columnsOf(cursors: readonly Cursor[]): [number[], number[], string[]] {
  return [
    cursors.map((cursor) => cursor.topicId),
    cursors.map((cursor) => cursor.partition),
    cursors.map((cursor) => String(cursor.nextOffset)),
  ];
}

/** Cursors whose records up to the end are gone (their days were dropped), and how many are. */
export async function findDropped(pool: Pool, cursors: readonly Cursor[]): Promise<Waits[]> {
  // Twice, as `fetchRecords`: whoever skips what only moved to the partition of its day loses it.
  const dropped = await findDroppedOnce(pool, cursors);
  return dropped.length === 0 ? dropped : findDroppedOnce(pool, cursors);
}

async function findDroppedOnce(pool: Pool, cursors: readonly Cursor[]): Promise<Waits[]> {
  const { rows } = await pool.query<Waits>(
    `select c.topic_id, c.partition, t.next_offsets[c.partition + 1] - c.next_offset as records, 0 as seconds
     from unnest($1::smallint[], $2::smallint[], $3::bigint[]) as c (topic_id, partition, next_offset)
     join bus_topics t on t.id = c.topic_id and t.next_offsets[c.partition + 1] > c.next_offset
     where not exists (
       select from bus_records b
       where b.topic_id = c.topic_id and b.partition = c.partition and b.record_offset >= c.next_offset
     )`,
    columnsOf(cursors),
  );
  return rows;
}
