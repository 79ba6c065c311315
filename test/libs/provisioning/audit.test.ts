import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deleteOldAudit, insertAudit, readAudit } from '../../../libs/provisioning/audit.sql.ts';
import { commandLine } from '../../support/command-line.ts';
import { testDatabase } from '../../support/stack/test-database.ts';

test('what is older than is kept of the audit log goes, the rest stays', async (t) => {
  const { database } = await testDatabase(t);
  const entry = { actor: 'a', role: 'admin', action: 'create', resource: 'trunks', tenant: null } as const;
  await insertAudit(database.write, [
    { ...entry, key: 'old' },
    { ...entry, key: 'young', after: { name: 'young' }, secrets: ['auth_password'] },
  ]);
  await database.write.query(`update audit_log set at = now() - interval '31 days' where key = 'old'`);
  assert.equal(await deleteOldAudit(database.write, 30), 1);
  const [left, ...none] = await readAudit(database.write, { limit: 10 });
  assert.equal(none.length, 0);
  assert.deepEqual(
    [left?.key, left?.before, left?.after, left?.secrets],
    ['young', null, { name: 'young' }, ['auth_password']],
  );
});

test('commands with rules of their own are in the audit log as well, each with its tenant and without secrets', async (t) => {
  const { database, connectionString } = await testDatabase(t);
  const switchfleet = commandLine(database, connectionString);
  await switchfleet('user', 'add', '1001@lab.test', '--password', 'hush-hush');
  await switchfleet('user', 'set', '1001@lab.test', '--vm-password', '1234567', '--disable');
  await switchfleet('domain', 'set', 'lab.test', '--context', 'lab');
  await switchfleet('group', 'add', 'sales@lab.test', '1001');
  await switchfleet('did', 'add', '+442071838750', '1001', '--domain', 'lab.test');
  await switchfleet('node', 'add', 'fs01', '--esl', '127.0.0.11', '--esl-password', 'hush-hush');
  await switchfleet('node', 'drain', 'fs01');
  await switchfleet('proxy', 'add', 'edge1', '127.0.0.5', '--rpc', 'http://a:hush-hush@127.0.0.5/RPC');
  await assert.rejects(switchfleet('user', 'add', '1001@lab.test', '--password', 'hush-hush'));
  const rows = await readAudit(database.write, { limit: 100 });
  assert.deepEqual(
    rows.map(({ action, resource, key, tenant }) => `${action} ${resource} ${key} ${tenant}`).reverse(),
    [
      'create users lab.test/1001 default',
      'update users lab.test/1001 default',
      'update domains lab.test default',
      'create groups lab.test/sales default',
      'create dids +442071838750/0 default',
      'create nodes fs01 null',
      'drain nodes fs01 null',
      'create proxies edge1 null',
    ],
  );
  assert.doesNotMatch(JSON.stringify(rows), /hush|1234567/);
});

test('the audit log is read from the newest on, page by page, by number and not by letter', async (t) => {
  const { database } = await testDatabase(t);
  const entry = { actor: 'a', role: 'admin', action: 'create', resource: 'trunks', tenant: null } as const;
  const keys = Array.from({ length: 23 }, (_, index) => `k${index}`);
  await insertAudit(
    database.write,
    keys.map((key) => ({ ...entry, key })),
  );
  const read: string[] = [];
  for (let beforeId: string | undefined; ; ) {
    const page = await readAudit(database.write, { limit: 4, beforeId });
    read.push(...page.map(({ key }) => key));
    beforeId = page.at(-1)?.id;
    if (page.length < 4) break;
  }
  assert.deepEqual(read, keys.toReversed());
});
