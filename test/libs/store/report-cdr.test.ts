import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import type pg from 'pg';
import { migrate } from '../../../libs/postgres/migrate.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { type Testing, testDatabase } from '../../support/stack/test-database.ts';

const ASKED_FOR = [
  ...['switch_name', 'call_uuid', 'sip_call_id', 'caller_id_number', 'caller_id_name', 'destination_number'],
  ...['context', 'start_stamp', 'answer_stamp', 'end_stamp', 'duration', 'billsec', 'hangup_cause'],
  ...['sip_hangup_disposition', 'direction', 'accountcode', 'domain', 'recording_path'],
];

/** Three months of partitions with 3,000 legs each, as the planner has to see them. */
async function setUp(t: Testing) {
  const { database } = await testDatabase(t);
  const pool = database.write;
  for (const month of ['01', '02', '03']) {
    await pool.query(`create table cdr_y${month} partition of cdr
      for values from ('2026-${month}-01Z') to ('2026-0${Number(month) + 1}-01Z')`);
    await pool.query(`insert into cdr (uuid, format, switch_name, start_at, end_at, duration, billsec, received_at, body_sha256,
        caller_id_number, destination_number, domain, accountcode, sip_call_id)
      select gen_random_uuid(), 'xml', 'fs01', timestamptz '2026-${month}-02Z' + n * interval '10 minutes', now(), 1, 1, now(), '',
        '+4420' || n, n::text, 'd' || n % 50 || '.test', 'a' || n % 50, 'call-' || n from generate_series(1, 3000) n`);
  }
  await pool.query('analyze cdr');
  return pool;
}

const MIGRATIONS = resolve(import.meta.dirname, '../../../migrations');
const NO_TEMPORARY = readFileSync(resolve(MIGRATIONS, '0230_temporary_tables.sql'), 'utf8');

/** Whether a role may make a temporary table; what it made is gone again. */
async function mayMakeTemporary(client: pg.ClientBase, role: string): Promise<boolean> {
  await client.query(`savepoint before; set local role ${role}`);
  const made = client.query('create temporary table room as select 1');
  const isMade = await made.then(
    () => true,
    (error: { code?: string }) => (error.code === '42501' ? false : assert.fail(String(error))),
  );
  await client.query('rollback to savepoint before');
  return isMade;
}

/** Works in a transaction that never was: roles are the whole server's. */
async function rolledBack(pool: pg.Pool, work: (client: pg.ClientBase) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await work(client);
  } finally {
    await client.query('rollback');
    client.release();
  }
}

describe('the report role', () => {
  test('makes no temporary tables in a database that was migrated', async (t) => {
    const { connectionString, database } = await testDatabase(t, { migrated: false });
    const logger = createLogger({ service: 'test', level: 'silent' });
    await migrate({ connectionString, directory: MIGRATIONS, logger });
    await rolledBack(database.write, async (client) => {
      assert.equal(await mayMakeTemporary(client, 'switchfleet_report'), false);
    });
  });

  for (const [setUp, isOwner] of [
    ['the role that migrates owns the database', true],
    ['another role owns the database', false],
  ] as const) {
    test(`makes none where it can be forbidden, and who imports does: ${setUp}`, async (t) => {
      const { name, database } = await testDatabase(t);
      await rolledBack(database.write, async (client) => {
        await client.query(`create role owner; create role api; create role reader in role switchfleet_report;
          grant insert on trunks to api; grant all on all tables in schema public to owner`);
        if (isOwner) await client.query(`alter database ${name} owner to owner`);
        await client.query(`set local role owner; ${NO_TEMPORARY}; reset role`);
        assert.equal(await mayMakeTemporary(client, 'owner'), true);
        assert.equal(await mayMakeTemporary(client, 'api'), true);
        assert.equal(await mayMakeTemporary(client, 'reader'), !isOwner);
      });
    });
  }
});

describe('report.cdr', () => {
  test('has the columns that analysts know, each documented', async (t) => {
    const { database } = await testDatabase(t);
    const { rows } = await database.write.query<{ name: string; comment: string | null }>(
      `select attname as name, col_description(attrelid, attnum) as comment
       from pg_attribute where attrelid = 'report.cdr'::regclass and attnum > 0`,
    );
    const names = rows.map(({ name }) => name);
    assert.deepEqual(
      ASKED_FOR.filter((name) => !names.includes(name)),
      [],
    );
    assert.deepEqual(
      rows.filter(({ comment }) => !comment),
      [],
    );
  });

  test('is all that the report role can read', async (t) => {
    const { database } = await testDatabase(t);
    const client = await database.write.connect();
    try {
      await client.query('set role switchfleet_report');
      await client.query('select * from report.cdr');
      for (const sql of ['select * from cdr', 'select * from nodes', 'delete from report.cdr']) {
        await assert.rejects(client.query(sql), { code: '42501' }, sql);
      }
    } finally {
      await client.query('reset role');
      client.release();
    }
  });

  const february = `start_stamp >= '2026-02-10Z' and start_stamp < '2026-02-12Z'`;
  for (const [question, where, index] of [
    ['calls from a number', `caller_id_number = '+442077' and ${february}`, 'caller'],
    ['calls to a number', `destination_number = '77' and ${february}`, 'destination'],
    ['a domain for some days', `domain = 'd7.test' and ${february}`, 'domain'],
    ['a Call-ID of a day', `sip_call_id = 'call-77' and ${february}`, 'sip_call_id'],
    ['an account for some days', `accountcode = 'a7' and ${february}`, 'accountcode'],
  ] as const) {
    test(`${question}: one index of one partition answers`, async (t) => {
      const pool = await setUp(t);
      const { rows } = await pool.query<{ 'QUERY PLAN': string }>(
        `explain select * from report.cdr where ${where} order by start_stamp desc`,
      );
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      assert.match(plan, new RegExp(`cdr_y02_${index}`), plan);
      assert.doesNotMatch(plan, /cdr_y01|cdr_y03|cdr_default|Seq Scan/, plan);
    });
  }
});
