import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { Pool } from 'pg';
import type { Bus } from '../../../../libs/bus/bus.ts';
import {
  appendRecords,
  fetchRecords,
  findDropped,
  type StoredRecord,
} from '../../../../libs/bus/postgres/log.sql.ts';
import { encodeRecord, partitionOf } from '../../../../libs/bus/postgres/record.ts';
import { openPool } from '../../../../libs/postgres/database.ts';
import { attachPartition } from '../../../../libs/postgres/partition.sql.ts';
import { TOPICS } from '../../../../libs/records/topics.ts';
import { testDatabase } from '../../../support/stack/test-database.ts';
import { createTestLog } from '../../postgres/logger.ts';
import { createRecorder, until } from '../recorder.ts';
import { openTestBus } from '../test-bus.ts';

const TOPIC = TOPICS.channelEvents;

async function setUp(t: TestContext) {
  const { connectionString } = await testDatabase(t);
  const { logger } = createTestLog();
  const pool = openPool({ connectionString, name: 'test', size: 3, timeoutMs: 10_000, logger });
  t.after(() => pool.end());
  const open = async () => {
    const bus = await openTestBus({ DATABASE_URL: connectionString });
    t.after(() => bus.close());
    return bus;
  };
  return { open, pool };
}

/** A key of a partition. */
function keyOf(partition: number): string {
  for (;;) {
    const key = randomUUID();
    if (partitionOf(key) === partition) return key;
  }
}

function publish(bus: Bus, key: string, values: readonly unknown[]): Promise<void> {
  return bus.publish(
    TOPIC,
    values.map((value) => ({ key, value })),
  );
}

test('reads from memory what this process published: it is not fetched', async (t) => {
  const { open, pool } = await setUp(t);
  const bus = await open();
  const recorder = createRecorder('');
  await bus.subscribe({ topics: [TOPIC], group: 'memory', onBatch: recorder.onBatch });
  const [first, second] = [keyOf(1), keyOf(2)];
  await publish(bus, first, [1, 2, 3]);
  await until(() => recorder.records.length === 3, 'the first are delivered');
  // Whoever fetches from now on gets something else.
  await pool.query(`create function mark() returns trigger language plpgsql as
    $$ begin new.value := '"fetched"'; return new; end $$`);
  // Not while the keeper attaches partitions: both lock all of them.
  await pool.query(`select pg_advisory_xact_lock(hashtext('switchfleet.partition_keeper'));
    create trigger mark before insert on bus_records for each row execute function mark()`);
  await publish(bus, second, ['a', 'b']);
  await until(() => recorder.records.length === 5, 'the rest is delivered');
  assert.deepEqual(
    recorder.records.filter(({ key }) => key === second).map(({ value }) => value),
    ['a', 'b'],
  );
});

/** Appends without a bus, whose keeper of partitions would be at work meanwhile. */
async function append(pool: Pool, key: string, values: readonly string[]): Promise<number> {
  const records = values.map((value) => encodeRecord({ key, value }));
  return (await appendRecords(pool, TOPIC, records)).topicId;
}

const textsOf = (records: readonly StoredRecord[]) =>
  records.map(({ value }) => String(value.value).slice(0, 1));

test('what is fetched passes a large record by until it has waited longest; then it comes alone', async (t) => {
  const { pool } = await setUp(t);
  const [first, second, third] = [keyOf(1), keyOf(2), keyOf(3)];
  const topicId = await append(pool, first, ['a', 'b']);
  await append(pool, second, ['x'.repeat(600), 'c']);
  await append(pool, third, ['d', 'e']);
  await append(pool, first, ['f']);
  await pool.query(
    `update bus_records set published_at = timestamptz '2026-01-01' + partition * interval '1 s'`,
  );
  const next = new Map([1, 2, 3].map((partition) => [partition, 0n]));
  const fetch = async (maxRecords: number) => {
    const cursors = [...next].map(([partition, nextOffset]) => ({
      topic: TOPIC,
      topicId,
      partition,
      nextOffset,
    }));
    const records = await fetchRecords(pool, cursors, { maxRecords, maxBytes: 1_000 });
    for (const { partition, offset } of records) next.set(partition, offset + 1n);
    return textsOf(records);
  };
  assert.deepEqual(await fetch(2), ['a', 'd'], 'in turn, and as many as are wanted');
  assert.deepEqual(await fetch(100), ['b', 'e', 'f'], 'one of them has waited longer');
  assert.deepEqual(await fetch(100), ['x']);
  assert.deepEqual(await fetch(100), ['c']);
  assert.deepEqual(await fetch(100), []);
});

test('what moves to a partition that is attached just then is not passed', async (t) => {
  const { pool } = await setUp(t);
  const topicId = await append(pool, keyOf(1), ['a', 'b', 'c', 'd']);
  await append(pool, keyOf(2), ['e']);
  await pool.query(
    `update bus_records set published_at = timestamptz '2026-01-01' + record_offset / 2 * interval '1 d'`,
  );
  const client = await pool.connect();
  await client.query('begin');
  const range = { fromUs: 1_767_225_600_000_000, toUs: 1_767_312_000_000_000 };
  const made = { table: 'bus_records', name: 'bus_records_p20260101', column: 'published_at', range };
  const moved = await attachPartition(client, {
    ...made,
    defaultPartition: 'bus_records_default',
    isLive: true,
    storage: undefined,
  });
  assert.equal(moved, 3);
  const cursors = [{ topic: TOPIC, topicId, partition: 1, nextOffset: 0n }];
  const fetched = fetchRecords(pool, cursors, { maxRecords: 100, maxBytes: 1_000 });
  const dropped = findDropped(pool, [{ topic: TOPIC, topicId, partition: 2, nextOffset: 0n }]);
  const isLocked = async () => {
    const { rows } = await client.query(`select from pg_locks where not granted and database =
      (select oid from pg_database where datname = current_database())`);
    return rows.length >= 2;
  };
  await until(isLocked, 'the reads wait for the partition').finally(async () => {
    await client.query('commit');
    client.release();
  });
  assert.deepEqual(textsOf(await fetched), ['a', 'b', 'c', 'd']);
  assert.deepEqual(await dropped, []);
});

test('another process is heard while this one never stops publishing', async (t) => {
  const { open } = await setUp(t);
  const [bus, other] = [await open(), await open()];
  const recorder = createRecorder('');
  await bus.subscribe({ topics: [TOPIC], group: 'busy', onBatch: recorder.onBatch });
  const [own, foreign] = [keyOf(1), keyOf(2)];
  let isOver = false;
  const flow = (async () => {
    for (let n = 0; !isOver; n += 1) await publish(bus, own, [n]);
  })();
  await until(() => recorder.keys.includes(own), 'the own flow runs');
  await publish(other, foreign, ['x']);
  await until(() => recorder.keys.includes(foreign), 'the record of another is delivered');
  isOver = true;
  await flow;
});

test('a batch that failed, and one that was read ahead of it, come again in their order', async (t) => {
  const { open } = await setUp(t);
  const bus = await open();
  let failures = 3;
  const recorder = createRecorder('', async () => {
    if (failures-- > 0) throw new Error('not now');
  });
  const options = { topics: [TOPIC], group: 'again', onBatch: recorder.onBatch, maxBatchRecords: 5 };
  await bus.subscribe(options);
  const key = keyOf(3);
  const numbers = [...Array(40).keys()];
  await publish(bus, key, numbers);
  await until(() => recorder.records.length >= numbers.length, 'all are delivered');
  assert.deepEqual(
    recorder.records.map(({ value }) => value),
    numbers,
  );
});
