import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { Bus } from '../../../../libs/bus/bus.ts';
import { partitionOf } from '../../../../libs/bus/postgres/record.ts';
import { openPool } from '../../../../libs/postgres/database.ts';
import { TOPICS } from '../../../../libs/records/topics.ts';
import { testDatabase } from '../../../support/stack/test-database.ts';
import { createTestLog } from '../../postgres/logger.ts';
import { createRecorder, until } from '../recorder.ts';
import { openTestBus } from '../test-bus.ts';

const TOPIC = TOPICS.channelEvents;

async function setUp(t: TestContext) {
  const { connectionString } = await testDatabase(t);
  const { logger } = createTestLog();
  const pool = openPool({ connectionString, name: 'test', size: 2, timeoutMs: 10_000, logger });
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
  await pool.query('create trigger mark before insert on bus_records for each row execute function mark()');
  await publish(bus, second, ['a', 'b']);
  await until(() => recorder.records.length === 5, 'the rest is delivered');
  assert.deepEqual(
    recorder.records.filter(({ key }) => key === second).map(({ value }) => value),
    ['a', 'b'],
  );
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
