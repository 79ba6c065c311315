import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openPool } from '../../../libs/postgres/database.ts';
import { transaction } from '../../../libs/postgres/transaction.ts';
import { testDatabase } from '../../support/stack/test-database.ts';
import { until } from '../bus/recorder.ts';
import { createTestLog } from './logger.ts';

async function setUp(t: TestContext) {
  const { connectionString } = await testDatabase(t, { migrated: false });
  const log = createTestLog();
  const pool = openPool({ connectionString, name: 'test', size: 3, timeoutMs: 10_000, logger: log.logger });
  t.after(() => pool.end());
  await pool.query('create table counters (id int primary key, n int not null)');
  await pool.query('insert into counters values (1, 0), (2, 0)');
  const read = async () =>
    (await pool.query<{ n: number }>('select n from counters order by id')).rows.map((r) => r.n);
  return { pool, read, log };
}

test('commits what resolves and rolls back what rejects', async (t) => {
  const { pool, read } = await setUp(t);
  const result = await transaction(pool, async (client) => {
    await client.query('update counters set n = 1 where id = 1');
    return 'done';
  });
  assert.equal(result, 'done');
  const failing = transaction(pool, async (client) => {
    await client.query('update counters set n = 2');
    throw new Error('changed my mind');
  });
  await assert.rejects(failing, /changed my mind/);
  assert.deepEqual(await read(), [1, 0]);
});

test('a swallowed error does not pass for a commit', async (t) => {
  const { pool, read } = await setUp(t);
  const attempt = transaction(pool, async (client) => {
    await client.query('update counters set n = 7');
    await client.query('select nonsense').catch(() => undefined);
  });
  await assert.rejects(attempt, { code: 'transaction-aborted' });
  assert.deepEqual(await read(), [0, 0]);
});

test('retries a deadlock as often as it is asked to, and counts', async (t) => {
  const { pool, read } = await setUp(t);
  const both = Promise.withResolvers<void>();
  let inside = 0;
  let retried = 0;
  const lockInOrder = (first: number, second: number) =>
    transaction(
      pool,
      async (client) => {
        await client.query('update counters set n = n + 1 where id = $1', [first]);
        inside += 1;
        if (inside >= 2) both.resolve();
        await both.promise;
        await client.query('update counters set n = n + 1 where id = $1', [second]);
      },
      {
        retries: 2,
        onRetry: () => {
          retried += 1;
        },
      },
    );
  await Promise.all([lockInOrder(1, 2), lockInOrder(2, 1)]);
  assert.deepEqual(await read(), [2, 2]);
  assert.ok(retried >= 1);
});

test('a connection that is cut fails its query, is logged, and the pool goes on', async (t) => {
  const { pool, read, log } = await setUp(t);
  const cut = transaction(pool, async (client) => {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    await pool.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
    await client.query('select pg_sleep(5)');
  });
  await assert.rejects(cut);
  assert.deepEqual(await read(), [0, 0]);
  await Promise.all([1, 2, 3].map(() => pool.query('select pg_sleep(0.05)')));
  await pool.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
  const losses = () => log.lines.filter((line) => line['msg'] === 'a database connection was lost');
  await until(() => losses().length > 0, 'the loss of an idle connection is logged');
  for (const line of losses())
    assert.doesNotMatch(JSON.stringify(line), /client|pg_terminate_backend/, 'no statement');
  assert.deepEqual(await read(), [0, 0]);
});
