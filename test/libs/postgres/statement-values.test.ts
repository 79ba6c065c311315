import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { openPool } from '../../../libs/postgres/database.ts';
import { testDatabase } from '../../support/stack/test-database.ts';
import { createTestLog } from './logger.ts';

interface Sent {
  values: unknown;
  _result: { rows: unknown[] } | undefined;
}

test('a connection lets go of what statements were given, and answers as ever', async (t) => {
  const { connectionString } = await testDatabase(t, { migrated: false });
  const { logger } = createTestLog();
  const pool = openPool({ connectionString, name: 'test', size: 1, timeoutMs: 10_000, logger });
  const client = await pool.connect();
  t.after(async () => {
    client.release();
    await pool.end();
  });
  const sent: Sent[] = [];
  const wasGiven: boolean[] = [];
  const { submit } = pg.Query.prototype;
  t.mock.method(pg.Query.prototype, 'submit', function (this: Sent, ...args: Parameters<typeof submit>) {
    sent.push(this);
    wasGiven.push(Array.isArray(this.values));
    return submit.apply(this as unknown as pg.Query, args);
  });
  const both = 'select $1::int + $2::int as sum';

  await t.test('a promise', async () => {
    assert.deepEqual((await client.query(both, [1, 2])).rows, [{ sum: 3 }]);
  });
  await t.test('a configuration', async () => {
    const answer = await client.query<number[]>({ text: both, values: [2, 3], rowMode: 'array' });
    assert.deepEqual(answer.rows, [[5]]);
  });
  await t.test('a prepared statement, twice', async () => {
    for (const first of [3, 4])
      assert.equal(
        (await client.query({ name: 'sum', text: both, values: [first, 1] })).rows[0].sum,
        first + 1,
      );
  });
  await t.test('a callback', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    client.query(both, [4, 5], (_error, { rows }) => resolve(rows));
    assert.deepEqual(await promise, [{ sum: 9 }]);
  });
  await t.test('an error, whose stack says who asked', async () => {
    const divide = async () => {
      await client.query('select 1 / $1::int', [0]);
    };
    await assert.rejects(divide(), (error: Error) => {
      assert.match(error.stack ?? '', /at async divide/);
      return 'code' in error && error.code === '22012';
    });
    assert.deepEqual((await client.query(both, [1, 1])).rows, [{ sum: 2 }]);
  });
  await t.test('a time limit of its own', async () => {
    const late = { text: 'select pg_sleep($1)', values: [1], query_timeout: 50 };
    await assert.rejects(client.query(late), /timeout/);
  });
  await t.test('no callback, said so', async () => {
    const answer = await client.query({ text: both, values: [5, 6], callback: null } as pg.QueryConfig);
    assert.deepEqual(answer.rows, [{ sum: 11 }]);
  });
  await t.test('one behind another', async () => {
    const answers = await Promise.all([client.query(both, [6, 7]), client.query(both, [7, 8])]);
    assert.deepEqual(
      answers.map(({ rows }) => rows),
      [[{ sum: 13 }], [{ sum: 15 }]],
    );
  });
  await t.test('the pool, on a connection of its own', async () => {
    const other = openPool({ connectionString, name: 'test', size: 1, timeoutMs: 10_000, logger });
    t.after(() => other.end());
    assert.deepEqual((await other.query(both, [8, 9])).rows, [{ sum: 17 }]);
  });
  await t.test('nothing', () => {
    assert.throws(() => client.query(undefined as unknown as string), TypeError);
  });
  assert.ok(sent.length >= 12);
  assert.ok(wasGiven.every(Boolean), 'a statement had lost its values before it was sent');
  for (const { values } of sent) assert.equal(values, undefined);
  // Those of the statement that was given up came later.
  assert.deepEqual(
    sent.flatMap(({ _result }) => _result?.rows ?? []),
    [{ pg_sleep: '' }],
  );
});
