import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import pg from 'pg';
import { checkReports } from '../../../../services/cli/commands/doctor/report-check.ts';
import { readReportFacts } from '../../../../services/cli/commands/doctor/report-facts.sql.ts';
import { testDatabase } from '../../../support/stack/test-database.ts';

const DOCS = new URL('../../../../docs/reporting.md', import.meta.url);

test('a role for reports that was made after the migrations is told, and the grants of the docs mend it', async (t) => {
  const { database } = await testDatabase(t);
  const pool = database.write;
  const good = { reportRole: 'reads', findsPrefixes: true } as const;
  assert.deepEqual(await readReportFacts(pool), good);
  assert.deepEqual(checkReports(good), []);
  await pool.query(`revoke all on all tables in schema report from switchfleet_report;
    revoke all on schema report from switchfleet_report`);
  const blind = await readReportFacts(pool);
  assert.equal(blind.reportRole, 'blind');
  assert.match(checkReports(blind)[0]?.says ?? '', /may not read/);
  const [grants = ''] = /^grant usage on schema report[^`]*/m.exec(readFileSync(DOCS, 'utf8')) ?? [];
  await pool.query(grants);
  await pool.query('create view report.of_later as select 1 as one');
  assert.deepEqual(await readReportFacts(pool), good);
});

test('a database whose indexes find no prefixes is told', async (t) => {
  const { connectionString, database } = await testDatabase(t, { migrated: false });
  const name = `prefixes_${process.pid}`;
  await database.write.query(
    `create database ${name} template template0 encoding 'UTF8' locale_provider icu icu_locale 'en-US' locale 'C'`,
  );
  const url = new URL(connectionString);
  url.pathname = `/${name}`;
  const client = new pg.Client(url.href);
  await client.connect();
  try {
    await client.query('create schema report');
    const facts = await readReportFacts(client);
    assert.equal(facts.findsPrefixes, false);
    assert.match(checkReports(facts).at(-1)?.says ?? '', /collation/);
  } finally {
    await client.end();
    await database.write.query(`drop database ${name}`);
  }
});
