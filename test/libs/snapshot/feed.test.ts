import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import { createSnapshotFeed, type FeedOptions } from '../../../libs/snapshot/feed.ts';
import { requireSchemaIfReachable } from '../../../libs/snapshot/reachable-schema.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import {
  createDirectoryModel,
  type DirectoryModel,
} from '../../../services/directory/model/directory-model.ts';
import { type Provisioned, provisionedDatabase, SECRETS_KEY } from '../../support/directory/provisioned.ts';
import { until } from '../../support/until.ts';

type Options = Partial<FeedOptions<DirectoryModel>>;

function openFeed({ pool, connectionString, defer }: Provisioned, options: Options = {}) {
  const feed = createSnapshotFeed({
    pool,
    connectionString,
    createModel: createDirectoryModel,
    disk: undefined,
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics: createMetrics('test'),
    ...options,
  });
  defer(() => feed.stop());
  return feed;
}

async function addLab(pool: pg.Pool): Promise<void> {
  await pool.query(`insert into domains (name, tenant) values ('lab.test', 'default')`);
  await addUser(pool, '1001');
}

function addUser(pool: pg.Pool, id: string): Promise<unknown> {
  return pool.query(
    `insert into users (domain, user_id, number_alias, ha1, ha1b)
     values ('lab.test', $1, $2, md5(''), md5(''))`,
    [id, `7${id}`],
  );
}

/** A pool to a port where nothing listens: PostgreSQL is away. */
function awayPool(t: TestContext): Pick<Provisioned, 'pool' | 'connectionString'> {
  const connectionString = 'postgres://nobody@127.0.0.1:1/none';
  const pool = new pg.Pool({ connectionString, connectionTimeoutMillis: 500 });
  pool.on('error', () => undefined);
  t.after(() => pool.end());
  return { pool, connectionString };
}

/** A pool to a server that has stopped working: the kernel takes its connections. */
async function silentPool(t: TestContext): Promise<Pick<Provisioned, 'pool' | 'connectionString'>> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connectionString = `postgres://nobody@127.0.0.1:${port}/none`;
  const pool = new pg.Pool({ connectionString, connectionTimeoutMillis: 5_000 });
  pool.on('error', () => undefined);
  t.after(async () => {
    server.close();
    await pool.end();
  });
  return { pool, connectionString };
}

async function diskOptions(t: TestContext, secretsKey: string | undefined = SECRETS_KEY) {
  const directory = await mkdtemp(join(tmpdir(), 'switchfleet-snapshot-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, 'snapshots', 'test.snapshot');
  return { path, secretsKey, intervalMs: 0, nowUs: () => 1_795_208_811_000_000 };
}

test('a committed change is in the answers within a second (I7)', async (t) => {
  const database = await provisionedDatabase(t);
  await addLab(database.pool);
  const feed = openFeed(database);
  await feed.start();
  assert(feed.model.users.find('id', '1001', 'lab.test') !== undefined);
  for (let round = 0; round < 10; round += 1) {
    const id = `20${round}`;
    await addUser(database.pool, id);
    await until(
      `user ${id} is known`,
      () => feed.model.users.find('id', id, 'lab.test') !== undefined,
      1_000,
    );
  }
  await database.pool.query(`update users set number_alias = '555', user_id = '300' where user_id = '200'`);
  await until(
    'the rename is known',
    () => feed.model.users.find('id', '300', 'lab.test') !== undefined,
    1_000,
  );
  assert.equal(feed.model.users.find('id', '200', 'lab.test'), undefined);
  assert.equal(feed.model.users.find('number-alias', '7200', 'lab.test'), undefined);
  assert.equal(feed.model.users.find('number-alias', '555', 'lab.test')?.user_id, '300');
  await database.pool.query(`delete from users where user_id = '300'`);
  await until(
    'the removal is known',
    () => feed.model.users.find('id', '300', 'lab.test') === undefined,
    1_000,
  );
  assert.equal(feed.model.users.size, 10);
});

test('a lost notification costs no change, and a second at most (I7)', async (t) => {
  const database = await provisionedDatabase(t);
  await addLab(database.pool);
  // The listener hears another server's silence: only polling is left.
  const feed = openFeed(database, { connectionString: awayPool(t).connectionString });
  await feed.start();
  const took: number[] = [];
  // a round is slow where the machine is busy with other tests; polling itself is slow in every round
  for (let round = 0; round < 5 && !took.some((ms) => ms < 1_000); round += 1) {
    const id = `20${round}`;
    await addUser(database.pool, id);
    const committedAt = performance.now();
    const isKnown = () => feed.model.users.find('id', id, 'lab.test') !== undefined;
    await until('polling finds it', isKnown, 10_000);
    took.push(performance.now() - committedAt);
  }
  assert.ok(Math.min(...took) < 1_000, `${took.map(Math.round)} ms`);
});

test('TRUNCATE and pruned changes make a full load', async (t) => {
  const database = await provisionedDatabase(t);
  await addLab(database.pool);
  const feed = openFeed(database);
  await feed.start();
  await database.pool.query('truncate users cascade');
  await until('all are gone', () => feed.model.users.size === 0, 20_000);
  await database.pool.query(`update config_change_floor set pruned_through = 1000000`);
  await addUser(database.pool, '1005');
  await until('it is loaded again', () => feed.model.users.size === 1, 20_000);
});

test('a database that lost the last changes makes a full load, whatever revisions it gives out again', async (t) => {
  const database = await provisionedDatabase(t);
  await addLab(database.pool);
  const feed = openFeed(database);
  await feed.start();
  for (const [lost, next] of [
    ['2001', []],
    ['2002', ['3001']],
    ['2003', ['3002', '3003', '3004']],
  ] as const) {
    await addUser(database.pool, lost);
    await until('it is known', () => feed.model.users.find('id', lost, 'lab.test') !== undefined, 5_000);
    // restored from a backup, or taken over by a standby that lagged: in one step, with what is written to it next
    await forget(database, lost, next);
    await until('it is gone', () => feed.model.users.find('id', lost, 'lab.test') === undefined, 5_000);
    for (const id of next) assert(feed.model.users.find('id', id, 'lab.test') !== undefined, id);
  }
  await addUser(database.pool, '4001');
  await until('changes go on', () => feed.model.users.find('id', '4001', 'lab.test') !== undefined, 5_000);
});

/** Puts the database back to before a user was added, revisions as well, and adds others. */
async function forget({ pool }: Provisioned, user: string, next: readonly string[]): Promise<void> {
  const client = await pool.connect();
  await client.query('begin');
  await client.query('set local session_replication_role = replica');
  await client.query('delete from users where user_id = $1', [user]);
  await client.query(
    'delete from config_changes where revision = (select max(revision) from config_changes)',
  );
  await client.query(`select setval('config_revision', (select max(revision) from config_changes))`);
  await client.query('set local session_replication_role = origin');
  for (const id of next) {
    await client.query(
      `insert into users (domain, user_id, ha1, ha1b) values ('lab.test', $1, md5(''), md5(''))`,
      [id],
    );
  }
  await client.query('commit');
  client.release();
}

test('a feed whose database went away is not fresh after a second, keeps its answers, and recovers', async (t) => {
  const database = await provisionedDatabase(t);
  await addLab(database.pool);
  const feed = openFeed(database);
  await feed.start();
  assert.equal(feed.state().isFresh, true);
  const { rename, back } = renaming(database);
  await rename();
  await until('it is not fresh', () => !feed.state().isFresh, 5_000);
  assert(feed.model.users.find('id', '1001', 'lab.test') !== undefined, 'known answers go on');
  assert.equal(feed.state().problem, 'the database cannot be read', 'without its statements and address');
  await back();
  await addUser(database.pool, '1002');
  await until('it recovered', () => feed.state().isFresh && feed.model.users.size === 2, 5_000);
});

/** Makes every read of the change log fail, as a database that is away does, without stopping the shared server. */
function renaming({ pool }: Provisioned) {
  return {
    rename: () => pool.query('alter table config_change_floor rename to config_change_floor_away'),
    back: () => pool.query('alter table config_change_floor_away rename to config_change_floor'),
  };
}

/** A database, and the copy on disk that a feed has written of it. */
async function writtenCopy(t: TestContext) {
  const database = await provisionedDatabase(t);
  await addLab(database.pool);
  const disk = await diskOptions(t);
  const first = openFeed(database, { disk });
  await first.start();
  await until('the snapshot is written', () => exists(disk.path), 20_000);
  await first.stop();
  return { database, disk };
}

test('without PostgreSQL it starts from the disk snapshot, which only its owner can read', async (t) => {
  const { database, disk } = await writtenCopy(t);
  assert.equal((await stat(disk.path)).mode & 0o777, 0o600);
  assert.equal((await readFile(disk.path)).includes('1001'), false, 'it is encrypted');

  const second = openFeed({ ...database, ...awayPool(t) }, { disk });
  await second.start();
  assert(second.model.users.find('id', '1001', 'lab.test') !== undefined);
  const { isLoaded, isFresh, source } = second.state();
  assert.deepEqual({ isLoaded, isFresh, source }, { isLoaded: true, isFresh: false, source: 'disk' });
});

test('a PostgreSQL that takes connections and says nothing is away, too', async (t) => {
  const { database, disk } = await writtenCopy(t);
  const { pool, connectionString } = await silentPool(t);
  const startedAt = performance.now();
  await requireSchemaIfReachable({ write: pool });
  const second = openFeed({ ...database, pool, connectionString }, { disk });
  await second.start();
  const ms = performance.now() - startedAt;
  assert(second.model.users.find('id', '1001', 'lab.test') !== undefined);
  assert(ms < 8_000, `it answered after ${Math.round(ms)} ms`);
});

test('a disk snapshot without its key, with another key, or damaged, is not used', async (t) => {
  const { database, disk } = await writtenCopy(t);
  const away = awayPool(t);
  const refused = (options: Options) =>
    assert.rejects(openFeed({ ...database, ...away }, options).start(), { code: 'snapshot-unavailable' });
  await refused({ disk: { ...disk, secretsKey: undefined } });
  await refused({ disk: { ...disk, secretsKey: SECRETS_KEY.replace('00', '01') } });
  const bytes = await readFile(disk.path);
  await writeFile(disk.path, bytes.subarray(0, bytes.length - 40));
  await refused({ disk });
  await refused({ disk: undefined });
});

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
