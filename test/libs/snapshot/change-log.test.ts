import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PoolClient } from 'pg';
import {
  type Position,
  pruneChanges,
  readChanges,
  readPosition,
} from '../../../libs/snapshot/change-log.sql.ts';
import { type Provisioned, provisionedDatabase } from '../../support/directory/provisioned.ts';

async function clientOf({ pool, defer }: Provisioned): Promise<PoolClient> {
  const client = await pool.connect();
  defer(() => client.release());
  return client;
}

function addDomain(client: PoolClient, name: string) {
  return client.query("insert into domains (name, tenant) values ($1, 'default')", [name]);
}

test('a revision is drawn at commit: what commits later has the higher one', async (t) => {
  const database = await provisionedDatabase(t);
  const [slow, fast, reader] = [await clientOf(database), await clientOf(database), await clientOf(database)];
  const start = await readPosition(reader);
  await slow.query('begin');
  await addDomain(slow, 'slow.test');
  await addDomain(fast, 'fast.test');
  const first = await readChanges(reader, { ...start, limit: 10 });
  assert.deepEqual(
    first.changes.map(({ domain }) => domain),
    ['fast.test'],
  );
  await slow.query('commit');
  const seen = first.changes[0] ?? start;
  const second = await readChanges(reader, { ...seen, limit: 10 });
  assert.equal(second.isOtherHistory, false);
  assert.deepEqual(
    second.changes.map(({ domain }) => domain),
    ['slow.test'],
    'a reader that saw the fast change must still see the slow one',
  );
});

test('many writers at once: a reader that polls misses nothing', async (t) => {
  const database = await provisionedDatabase(t);
  const reader = await clientOf(database);
  const names = Array.from({ length: 120 }, (_, index) => `d${index}.test`);
  const seen: string[] = [];
  let position: Position = await readPosition(reader);
  const read = async () => {
    const { changes, isOtherHistory } = await readChanges(reader, { ...position, limit: 50 });
    assert.equal(isOtherHistory, false);
    for (const change of changes) {
      assert(change.revision > position.revision, 'revisions come in order');
      position = change;
      seen.push(...change.keys);
    }
    return changes.length;
  };
  let isWriting = true;
  const writing = Promise.all(
    [0, 1, 2].map(async (writer) => {
      for (const name of names.filter((_, index) => index % 3 === writer)) {
        await database.pool.query("insert into domains (name, tenant) values ($1, 'default')", [name]);
      }
    }),
  ).then(() => {
    isWriting = false;
  });
  while (isWriting) await read();
  await writing;
  while ((await read()) > 0);
  assert.deepEqual(seen.toSorted(), names.toSorted());
});

test('a rolled back change is never seen', async (t) => {
  const database = await provisionedDatabase(t);
  const client = await clientOf(database);
  const position = await readPosition(client);
  await client.query('begin');
  await addDomain(client, 'never.test');
  await client.query('rollback');
  assert.deepEqual((await readChanges(client, { ...position, limit: 10 })).changes, []);
});

test('one statement over many rows is cut into changes of a thousand keys', async (t) => {
  const database = await provisionedDatabase(t);
  const client = await clientOf(database);
  await addDomain(client, 'big.test');
  const position = await readPosition(client);
  await client.query(`insert into users (domain, user_id, ha1, ha1b)
    select 'big.test', number, md5('a'), md5('b') from generate_series(1, 2500) number`);
  const { changes } = await readChanges(client, { ...position, limit: 10 });
  assert.deepEqual(
    changes.map(({ table, domain, keys }) => [table, domain, keys.length]),
    [
      ['users', 'big.test', 1000],
      ['users', 'big.test', 1000],
      ['users', 'big.test', 500],
    ],
  );
});

test('renaming a user names both of its keys, and removing a domain all that goes with it', async (t) => {
  const database = await provisionedDatabase(t);
  const client = await clientOf(database);
  await addDomain(client, 'a.test');
  await client.query(
    `insert into users (domain, user_id, ha1, ha1b) values ('a.test', 'Old', md5(''), md5(''))`,
  );
  let position = await readPosition(client);
  await client.query(`update users set user_id = 'New'`);
  const renamed = await readChanges(client, { ...position, limit: 10 });
  assert.deepEqual(renamed.changes[0]?.keys.toSorted(), ['new', 'old']);
  position = await readPosition(client);
  await client.query(`delete from domains where name = 'a.test'`);
  const { changes } = await readChanges(client, { ...position, limit: 10 });
  assert.deepEqual(changes.map(({ table, domain }) => `${table} ${domain}`).toSorted(), [
    'domains a.test',
    'users a.test',
  ]);
});

test('pruned changes raise the floor, so that a reader behind it knows', async (t) => {
  const database = await provisionedDatabase(t);
  const client = await clientOf(database);
  await addDomain(client, 'old.test');
  await client.query(`update config_changes set changed_at = now() - interval '2 days'`);
  const position = await readPosition(client);
  assert((await pruneChanges(client, { hours: 24 })) > 0);
  const { revision } = position;
  assert.deepEqual(await readPosition(client), { revision, mark: null }, 'the revision is remembered');
  const behind = await readChanges(client, { ...position, revision: revision - 1, limit: 10 });
  assert.equal(behind.isBehindFloor, true);
  const { isBehindFloor, isOtherHistory } = await readChanges(client, { ...position, limit: 10 });
  assert.deepEqual({ isBehindFloor, isOtherHistory }, { isBehindFloor: false, isOtherHistory: false });
});

test('a DID belongs to one domain, also for two writers at once', async (t) => {
  const database = await provisionedDatabase(t);
  const [one, two] = [await clientOf(database), await clientOf(database)];
  await addDomain(one, 'a.test');
  await addDomain(one, 'b.test');
  const add = (client: PoolClient, domain: string, priority: number) =>
    client.query(
      `insert into did_routing (did, domain, dest_type, destination, priority)
       values ('+442071838750', $1, 'extension', '1001', $2)`,
      [domain, priority],
    );
  await one.query('begin');
  await add(one, 'a.test', 1);
  // asked at once: it may fail before this client hears of its commit
  const isLate = assert.rejects(add(two, 'b.test', 2), { code: '23505' });
  await one.query('commit');
  await isLate;
  await add(one, 'a.test', 3);
});
