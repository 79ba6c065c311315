// Never recorded: written from the table of the protocol and from mod_voicemail's source.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import pg from 'pg';
import { parseLookupForm } from '../../../libs/freeswitch/xml/form.ts';
import { addUser } from '../../../libs/provisioning/users.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { changePassword, readPasswordChange } from '../../../services/directory/password-change.ts';
import { directoryModelOf, domainRow, userRow } from '../../support/directory/lab-model.ts';
import { type Fields, formOf, userFields } from '../../support/directory/lookup-body.ts';
import { at, type ParsedElement, parseXml } from '../../support/directory/parsed-xml.ts';
import { provisionedDatabase } from '../../support/directory/provisioned.ts';
import { until } from '../../support/until.ts';

const CHANGE = { user: '1001', domain: 'lab.test', password: '4321' };
const FIELDS: Fields = [
  ['Event-Name', 'CUSTOM'],
  ['Event-Subclass', 'vm::maintenance'],
  ['VM-Action', 'change-password'],
  ['VM-User-Password', '4321'],
  ['VM-User', '1001'],
  ['VM-Domain', 'lab.test'],
  ...userFields('1001', 'lab.test'),
];

function read(fields: Fields, realm = 'lab.test') {
  const base: Fields = [
    ['hostname', 'fs01'],
    ['section', 'directory'],
    ['tag_name', 'domain'],
    ['key_name', 'name'],
    ['key_value', realm],
  ];
  const form = parseLookupForm(formOf(base, fields));
  assert(form !== undefined);
  return readPasswordChange(form);
}

const without = (name: string) => FIELDS.filter(([field]) => field !== name);

test('a password change is what mod_voicemail writes', () => {
  assert.deepEqual(read(FIELDS), CHANGE);
  assert.deepEqual(read(FIELDS.slice(0, 6)), CHANGE, 'the three fields of the lookup may be missing');
});

test('a SIP realm never makes another question a write, and never another user’s', () => {
  const hidden = without('Event-Name')
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const lookup: Fields = [
    ['Event-Name', 'REQUEST_PARAMS'],
    ['action', 'sip_auth'],
    ...userFields('1001', 'lab.test'),
  ];
  assert.equal(read(lookup, `lab.test&Event-Name=CUSTOM&${hidden}`), undefined);
  assert.equal(read(lookup, `lab.test&${hidden}`), undefined);
  assert.equal(read([...FIELDS, ['VM-User', '1002']]), undefined);
  assert.equal(read([...FIELDS, ['VM-User-Password', '1']]), undefined);
  assert.equal(read([...FIELDS, ['Event-Name', 'CUSTOM']]), undefined);
  assert.equal(read([...without('VM-User'), ['VM-User', '1002']]), undefined, 'of somebody else');
  assert.equal(read([...without('VM-Domain'), ['VM-Domain', 'other.test']]), undefined);
  for (const name of ['Event-Name', 'VM-Action', 'VM-User', 'VM-Domain', 'VM-User-Password']) {
    assert.equal(read(without(name)), undefined, name);
  }
});

test('it is stored as its hash, and refused where it may not be; a database that is away is a refusal', async (t) => {
  const { pool } = await provisionedDatabase(t);
  await addUser(pool, { user: '1001', domain: 'lab.test', password: '12345' });
  const model = directoryModelOf({ domains: [domainRow('lab.test')], users: [userRow('1001', 'lab.test')] });
  const deps = { pool, model, logger: createLogger({ service: 'test', level: 'silent' }) };
  const success = async (change = CHANGE) => {
    const { kind, xml } = await changePassword(change, deps);
    assert.equal(kind, 'password-change');
    const [user] = at(parseXml(xml), 'section/domain/groups/group/users/user');
    assert.equal(user?.attributes['id'], '1001');
    return at(user as ParsedElement, 'result')[0]?.attributes['success'];
  };
  const hash = async () => (await pool.query('select vm_a1_hash from users')).rows[0].vm_a1_hash;
  assert.equal(await success(), 'true');
  assert.equal(await hash(), createHash('md5').update('1001:lab.test:4321').digest('hex'));
  for (const password of ['', '12', '12a4', '1'.repeat(21), '12;34']) {
    assert.equal(await success({ ...CHANGE, password }), 'false', password);
  }
  await pool.query('update users set vm_may_change_password = false');
  assert.equal(await success({ ...CHANGE, password: '9999' }), 'false');
  assert.equal(await hash(), createHash('md5').update('1001:lab.test:4321').digest('hex'));
  await pool.query('alter table users rename to users_away');
  assert.equal(await success(), 'false');
  assert.equal((await changePassword({ ...CHANGE, user: '1999' }, deps)).kind, 'unknown');
});

test('a password that was refused because PostgreSQL had stopped is not stored when it goes on', async (t) => {
  const { connectionString, pool, defer } = await provisionedDatabase(t);
  await addUser(pool, { user: '1001', domain: 'lab.test', password: '12345' });
  const model = directoryModelOf({ domains: [domainRow('lab.test')], users: [userRow('1001', 'lab.test')] });
  const own = new pg.Pool({ connectionString, max: 1 });
  own.on('error', () => undefined);
  defer(() => own.end());
  const { rows } = await own.query<{ pid: number }>('select pg_backend_pid() as pid');
  const pid = rows[0]?.pid;
  assert(pid !== undefined);
  const isThere = async () =>
    (await pool.query('select from pg_stat_activity where pid = $1', [pid])).rowCount;
  process.kill(pid, 'SIGSTOP');
  try {
    const { xml } = await changePassword(CHANGE, {
      pool: own,
      model,
      logger: createLogger({ service: 'test', level: 'silent' }),
    });
    assert.match(xml, /success="false"/);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await until('it went on and found nobody', async () => (await isThere()) === 0);
  const stored = await pool.query('select vm_a1_hash from users');
  assert.deepEqual(stored.rows, [{ vm_a1_hash: null }]);
});
