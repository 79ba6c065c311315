import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { addDid } from '../../../libs/provisioning/dids.ts';
import { addNode } from '../../../libs/provisioning/nodes.ts';
import { addProxy } from '../../../libs/provisioning/proxies.ts';
import { addUser } from '../../../libs/provisioning/users.ts';
import { createSecretBox } from '../../../libs/sealing/secret-box.ts';
import { provisionedDatabase, SECRETS_KEY } from '../../support/directory/provisioned.ts';

const USER = { user: '1001', domain: 'lab.test', password: 'very secret' };

test('of a password only its digests are stored', async (t) => {
  const { pool } = await provisionedDatabase(t);
  await addUser(pool, { ...USER, voicemailPassword: '4321098765' });
  const { rows } = await pool.query('select users::text as everything, ha1, ha1b, vm_a1_hash from users');
  const md5 = (text: string) => createHash('md5').update(text).digest('hex');
  assert.equal(rows[0].ha1, md5('1001:lab.test:very secret'));
  assert.equal(rows[0].ha1b, md5('1001@lab.test:lab.test:very secret'));
  assert.equal(rows[0].vm_a1_hash, md5('1001:lab.test:4321098765'));
  assert.doesNotMatch(rows[0].everything, /very secret|4321098765/);
});

test('a user exists once, whatever the case; a refused one leaves no domain behind', async (t) => {
  const { pool } = await provisionedDatabase(t);
  await addUser(pool, { ...USER, user: 'alice' });
  await assert.rejects(addUser(pool, { ...USER, user: 'Alice' }), { code: 'already-exists' });
  await assert.rejects(addUser(pool, { ...USER, domain: 'new.test', tenant: 'nobody' }), {
    code: 'not-found',
  });
  await assert.rejects(addUser(pool, { ...USER, domain: 'new.test', password: '1' }), {
    code: 'value-refused',
  });
  const { rows } = await pool.query('select name from domains');
  assert.deepEqual(rows, [{ name: 'lab.test' }]);
});

test('a number is stored in E.164 and belongs to one domain', async (t) => {
  const { pool } = await provisionedDatabase(t);
  await addUser(pool, USER);
  await addUser(pool, { ...USER, domain: 'other.test' });
  await pool.query(`update domains set country = 'GB' where name = 'lab.test'`);
  const did = { number: '020 7183 8750', domain: 'lab.test', destination: '1001', destType: 'extension' };
  assert.deepEqual(await addDid(pool, did), { did: '+442071838750', destType: 'extension' });
  await assert.rejects(addDid(pool, did), { code: 'already-exists' });
  await addDid(pool, { ...did, priority: 5, destType: 'voicemail' });
  const elsewhere = { ...did, number: '+442071838750', domain: 'other.test', priority: 9 };
  await assert.rejects(addDid(pool, elsewhere), { code: 'already-exists' });
  await assert.rejects(addDid(pool, { ...did, domain: 'none.test' }), { code: 'not-found' });
  await assert.rejects(addDid(pool, { ...did, number: '12' }), { code: 'value-refused' });
  await assert.rejects(addDid(pool, { ...did, destType: 'moon' }), { code: 'value-refused' });
  await assert.rejects(addDid(pool, { ...did, destination: '1001,sofia/x' }), { code: 'value-refused' });
});

test('an ESL password is sealed, a node credential only hashed', async (t) => {
  const { pool } = await provisionedDatabase(t);
  const box = createSecretBox(SECRETS_KEY);
  const node = { switchname: 'fs01', eslHost: '127.0.0.11', eslPort: 8021, eslPassword: 'ClueCon' };
  const { username, password } = await addNode(pool, node, box);
  const { rows } = await pool.query('select nodes::text as everything, esl_password_encrypted from nodes');
  assert.equal(username, 'fs01');
  assert.equal(rows[0].everything.includes('ClueCon') || rows[0].everything.includes(password), false);
  assert.equal(box.open(rows[0].esl_password_encrypted), 'ClueCon');
  const other = createSecretBox(SECRETS_KEY.replace('00', 'ff'));
  assert.throws(() => other.open(rows[0].esl_password_encrypted), { code: 'secret-unreadable' });
  await assert.rejects(addNode(pool, node, box), { code: 'already-exists' });
  assert.throws(() => createSecretBox(undefined), { code: 'secrets-key-missing' });
  assert.throws(() => createSecretBox('short'), { code: 'secrets-key-invalid' });
});

test('a proxy has an address or a network', async (t) => {
  const { pool } = await provisionedDatabase(t);
  await addProxy(pool, { name: 'kam1', address: '127.0.0.20', rpcUrl: 'http://127.0.0.20:8090/RPC' });
  await addProxy(pool, { name: 'kam2', address: '192.0.2.17/28' });
  const { rows } = await pool.query('select name, address::text from proxies order by name');
  assert.deepEqual(rows, [
    { name: 'kam1', address: '127.0.0.20/32' },
    { name: 'kam2', address: '192.0.2.16/28' },
  ]);
  await assert.rejects(addProxy(pool, { name: 'kam3', address: 'kam.test' }), { code: 'value-refused' });
  await assert.rejects(addProxy(pool, { name: 'kam3', address: '::1', rpcUrl: 'ftp://x' }), {
    code: 'value-refused',
  });
});
