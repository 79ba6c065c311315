import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandLine } from '../../support/command-line.ts';
import { testDatabase } from '../../support/stack/test-database.ts';

test('a token is made, listed without what would let anybody in, and revoked', async (t) => {
  const { database, connectionString } = await testDatabase(t);
  const switchfleet = commandLine(database, connectionString);
  const made = await switchfleet(
    'token',
    'create',
    'billing',
    '--role',
    'analyst',
    '--tenant',
    'default',
    '--days',
    '30',
  );
  const [secret = ''] = /sft_\S+/.exec(made) ?? [];
  assert.match(made, /^made token billing \(analyst, default\), good until \d{4}-/);
  const listed = await switchfleet('token', 'list');
  assert.match(listed, /billing +analyst +default +good/);
  assert.ok(secret.length > 40 && !listed.includes(secret));
  assert.equal(await switchfleet('token', 'revoke', 'billing'), 'revoked token billing\n');
  assert.match(await switchfleet('token', 'list'), /billing +analyst +default +revoked/);
  await assert.rejects(switchfleet('token', 'revoke', 'billing'), { code: 'not-found' });
  await assert.rejects(switchfleet('token', 'create', 'x', '--role', 'root'), { code: 'value-refused' });
  const json = JSON.parse(await switchfleet('--json', 'token', 'create', 'ops', '--role', 'operator'));
  assert.deepEqual([json.name, json.tenant, json.expires_at], ['ops', null, null]);
});
