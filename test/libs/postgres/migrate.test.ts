import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openPool } from '../../../libs/postgres/database.ts';
import { type MigrateOptions, migrate } from '../../../libs/postgres/migrate.ts';
import { requireSchema, schemaIsReady } from '../../../libs/postgres/schema.ts';
import { testDatabase } from '../../support/stack/test-database.ts';
import { until } from '../../support/until.ts';
import { createTestLog } from './logger.ts';
import { startProxy } from './proxy.ts';

async function setUp(t: TestContext, files: Record<string, string> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'switchfleet-migrations-'));
  const { connectionString } = await testDatabase(t, { migrated: false });
  const log = createTestLog();
  const pool = openPool({ connectionString, name: 'test', size: 4, timeoutMs: 10_000, logger: log.logger });
  t.after(() => pool.end());
  t.after(() => rm(directory, { recursive: true }));
  const put = (name: string, sql: string) => writeFile(join(directory, name), sql);
  for (const [name, sql] of Object.entries(files)) await put(name, sql);
  const run = (options: Partial<MigrateOptions> = {}) =>
    migrate({ connectionString, directory, logger: log.logger, ...options });
  const count = async (table: string) => (await pool.query(`select from ${table}`)).rowCount;
  return { connectionString, directory, pool, put, run, count, log };
}

const SLEEPING = `select from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid() and datname = current_database()`;
const LOCKED_OUT = `select from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`;

test('applies files in the order of their numbers, once, also a lower number that came later', async (t) => {
  const { put, run } = await setUp(t, {
    '0020_second.sql': 'alter table a add b int',
    '0001_first.sql': 'create table a ()',
  });
  assert.deepEqual(await run(), ['0001_first.sql', '0020_second.sql']);
  assert.deepEqual(await run(), []);
  await put('0010_between.sql', 'alter table a add c int');
  assert.deepEqual(await run(), ['0010_between.sql']);
});

test('four processes that start at once apply each file once', async (t) => {
  const { run, count } = await setUp(t, {
    '0001_slow.sql': 'select pg_sleep(0.2); create table a (); insert into a default values',
    '0002_more.sql': 'insert into a default values',
  });
  const applied = await Promise.all([run(), run(), run(), run()]);
  assert.deepEqual(applied.flat().toSorted(), ['0001_slow.sql', '0002_more.sql']);
  assert.equal(await count('a'), 2);
});

test('another process that migrates is waited for, but not for ever', async (t) => {
  const { run, pool } = await setUp(t, { '0001_slow.sql': 'select pg_sleep(3)' });
  const slow = run();
  await until('the first one is at it', async () => (await pool.query(SLEEPING)).rowCount === 1);
  await assert.rejects(run({ lockMs: 100 }), { code: 'migration-locked', message: /for 0\.1 s$/ });
  assert.deepEqual(await slow, ['0001_slow.sql']);
});

test('a server that falls silent while another migrates is given up', async (t) => {
  const { connectionString, pool, run } = await setUp(t, { '0001_slow.sql': 'select pg_sleep(3600)' });
  const proxy = await startProxy(connectionString);
  t.after(() => proxy.close());
  const slow = assert.rejects(run(), { code: 'database-unavailable' });
  await until('the first one is at it', async () => (await pool.query(SLEEPING)).rowCount === 1);
  const waiting = { connectionString: proxy.connectionString, lockMs: 20_000, answerMs: 2_000 };
  const refused = assert.rejects(run(waiting), { code: 'database-unavailable' });
  await until('the second one waits', async () => (await pool.query(LOCKED_OUT)).rowCount === 1);
  proxy.silence(true);
  await refused;
  await pool.query(SLEEPING.replace('select', 'select pg_terminate_backend(pid)'));
  await slow;
});

test('a file that was edited after it ran stops the start and is named', async (t) => {
  const { put, run, count } = await setUp(t, { '0001_first.sql': 'create table a ()' });
  await run();
  await put('0001_first.sql', 'create table a (b int)');
  await put('0002_next.sql', 'insert into a default values');
  await assert.rejects(run(), { code: 'migration-edited', message: /0001_first\.sql/ });
  assert.equal(await count('a'), 0, 'nothing was applied');
});

test('a file that fails leaves nothing of itself, keeps those before it, and says where', async (t) => {
  const { put, run, count } = await setUp(t, {
    '0001_first.sql': 'create table a ()',
    '0002_broken.sql': 'insert into a default values;\nselect 1;\nselect nonsense;',
  });
  await assert.rejects(run(), { code: 'migration-failed', message: /0002_broken\.sql failed at line 3/ });
  assert.equal(await count('a'), 0);
  await put('0002_broken.sql', 'insert into a default values');
  assert.deepEqual(await run(), ['0002_broken.sql']);
});

for (const encoding of ['SQL_ASCII', 'LATIN1']) {
  test(`a new database in ${encoding} is refused; one that was begun in it goes on`, async (t) => {
    const { connectionString, pool, run, log } = await setUp(t, { '0001_first.sql': 'create table a ()' });
    const name = `encoded_${encoding.toLowerCase()}_${process.pid}`;
    await pool.query(`create database ${name} template template0 encoding '${encoding}' locale 'C'`);
    const url = new URL(connectionString);
    url.pathname = `/${name}`;
    const other = openPool({
      connectionString: url.href,
      name,
      size: 1,
      timeoutMs: 10_000,
      logger: log.logger,
    });
    try {
      const begin = run({ connectionString: url.href });
      await assert.rejects(begin, { code: 'database-not-utf8', message: new RegExp(encoding) });
      await other.query(`insert into schema_migrations (number, name, sha256) values (0, 'earlier', '')`);
      assert.deepEqual(await run({ connectionString: url.href }), ['0001_first.sql']);
    } finally {
      await other.end();
      await pool.query(`drop database ${name} with (force)`);
    }
  });
}

test('a release that is older than the database only warns', async (t) => {
  const { directory, put, run, log } = await setUp(t, { '0001_first.sql': 'create table a ()' });
  await put('0002_newer.sql', 'create table b ()');
  await run();
  await rm(join(directory, '0002_newer.sql'));
  assert.deepEqual(await run(), []);
  const warning = log.lines.find((line) => line['level'] === 40);
  assert.deepEqual(warning?.['migrations'], ['0002_newer.sql']);
});

test('misnamed files and numbers that are given twice are refused', async (t) => {
  const { directory, put, run } = await setUp(t, { '0001_first.sql': 'select 1' });
  await put('0001_again.sql', 'select 1');
  await assert.rejects(run(), {
    code: 'migration-duplicate',
    message: /0001_again\.sql and 0001_first\.sql/,
  });
  await rm(join(directory, '0001_again.sql'));
  await put('2_short.sql', 'select 1');
  await assert.rejects(run(), { code: 'migration-misnamed', message: /2_short\.sql/ });
});

test('a database that is away is one clear line, without its password', async () => {
  const connectionString = 'postgresql://me:hunter2@127.0.0.1:1/fleet';
  const attempt = migrate({ connectionString, directory: 'migrations', logger: createTestLog().logger });
  await assert.rejects(attempt, (error: Error & { code?: string }) => {
    assert.equal(error.code, 'database-unavailable');
    assert.match(error.message, /127\.0\.0\.1:1\/fleet.*ECONNREFUSED/);
    assert.doesNotMatch(error.message, /hunter2|\n/);
    return true;
  });
});

test('a service that finds no schema says what is missing', async (t) => {
  const { directory, pool, run } = await setUp(t, { '0001_first.sql': 'create table a ()' });
  const database = { write: pool };
  assert.equal(await schemaIsReady(database, directory), false);
  await assert.rejects(requireSchema(database, directory), {
    code: 'schema-not-ready',
    message: /0001_first\.sql/,
  });
  await run();
  await requireSchema(database, directory);
  assert.equal(await schemaIsReady(database, directory), true);
});
