import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { changeDomain } from '../../../libs/provisioning/change-domain.ts';
import { changeUser, type UserChanges } from '../../../libs/provisioning/change-user.ts';
import { addGroup, changeGroup, removeGroup } from '../../../libs/provisioning/groups.ts';
import type { PairKind } from '../../../libs/provisioning/reserved-params.ts';
import { addUser } from '../../../libs/provisioning/users.ts';
import { createSecretBox } from '../../../libs/sealing/secret-box.ts';
import { type Provisioned, provisionedDatabase, SECRETS_KEY } from '../../support/directory/provisioned.ts';

const ADDRESS = { user: '1001', domain: 'lab.test' };
const REFUSED = { code: 'value-refused' };

async function lab(t: Parameters<typeof provisionedDatabase>[0]): Promise<Provisioned> {
  const database = await provisionedDatabase(t);
  for (const user of ['1001', '1002', '1003']) {
    await addUser(database.pool, { user, domain: 'lab.test', password: '12345' });
  }
  return database;
}

function change(
  { pool }: Provisioned,
  changes: UserChanges,
  role: 'administrator' | 'tenant' = 'administrator',
) {
  return changeUser(pool, ADDRESS, changes, { role, box: () => createSecretBox(SECRETS_KEY) });
}

test('a change touches what it names and nothing else', async (t) => {
  const database = await lab(t);
  await change(database, { callerIdName: "O'Brien, Jane", enabled: false });
  await change(database, {
    voicemailPassword: '4321',
    eslPassword: 'es!',
    cidrs: ['192.0.2.0/24', '2001:db8::/32'],
  });
  const { rows } =
    await database.pool.query(`select caller_id_name, enabled, vm_a1_hash, esl_password_encrypted as esl,
    allowed_cidrs::text[] as cidrs, vm_enabled from users where user_id = '1001'`);
  const [{ esl, ...stored }] = rows;
  assert.deepEqual(stored, {
    caller_id_name: "O'Brien, Jane",
    enabled: false,
    vm_a1_hash: createHash('md5').update('1001:lab.test:4321').digest('hex'),
    cidrs: ['192.0.2.0/24', '2001:db8::/32'],
    vm_enabled: true,
  });
  assert.equal(createSecretBox(SECRETS_KEY).open(esl), 'es!');
  await assert.rejects(
    changeUser(
      database.pool,
      { user: '1999', domain: 'lab.test' },
      { enabled: true },
      { role: 'administrator', box: () => createSecretBox(SECRETS_KEY) },
    ),
    { code: 'not-found' },
  );
});

test('params, variables and voicemail settings are set and taken away one by one', async (t) => {
  const database = await lab(t);
  const pair = (kind: PairKind, name: string, value: string | null) => ({ pairs: [{ kind, name, value }] });
  await change(database, pair('param', 'timezone', 'Europe/Rome'));
  await change(database, pair('param', 'directory-visible', 'true'));
  await change(database, pair('param', 'timezone', null));
  await change(database, pair('voicemail', 'vm-attach-file', 'true'));
  const { rows } = await database.pool.query(
    `select params, variables, vm_settings from users where user_id = '1001'`,
  );
  assert.deepEqual(rows, [
    { params: { 'directory-visible': 'true' }, variables: {}, vm_settings: { 'vm-attach-file': 'true' } },
  ]);
});

test('what opens doors, costs money or runs something is refused, to tenants everything off their list', async (t) => {
  const database = await lab(t);
  const refused: [PairKind, string, string, 'administrator' | 'tenant'][] = [
    ['param', 'password', 'x', 'administrator'],
    ['param', 'dial-string', 'x', 'administrator'],
    ['param', 'a1-hash', 'x', 'administrator'],
    ['param', 'vm-convert-cmd', 'rm', 'administrator'],
    ['voicemail', 'vm-password', '1', 'administrator'],
    ['variable', 'api_hangup_hook', 'x', 'administrator'],
    ['variable', 'execute_on_answer', 'x', 'administrator'],
    ['variable', 'sip_h_X-Evil', 'x', 'administrator'],
    ['variable', 'toll_allow', 'international', 'administrator'],
    ['param', 'timezone', `\${system(id)}`, 'administrator'],
    ['variable', 'callgroup', 'a,b', 'administrator'],
    ['variable', 'absolute_codec_string', 'PCMU', 'tenant'],
    ['param', 'user-agent-filter', 'x', 'tenant'],
  ];
  for (const [kind, name, value, role] of refused) {
    await assert.rejects(
      change(database, { pairs: [{ kind, name, value }] }, role),
      REFUSED,
      `${kind} ${name}`,
    );
  }
  await change(database, { pairs: [{ kind: 'variable', name: 'absolute_codec_string', value: 'PCMU' }] });
  await change(database, { pairs: [{ kind: 'variable', name: 'callgroup', value: 'sales' }] }, 'tenant');
});

test('a voicemail setting is one extension, mailbox or address: what mod_voicemail reads behind a space is refused', async (t) => {
  const database = await lab(t);
  const refused: [name: string, value: string][] = [
    // the second word is the dialplan, and inline runs what the first one says
    ['vm-operator-extension', 'eavesdrop:all inline'],
    ['vm-operator-extension', '1002 XML other-context'],
    ['VM-Operator-Extension', 'system:reboot inline'],
    // the second word is the file that is copied and mailed
    ['vm-cc', '1002@lab.test /etc/freeswitch/vars.xml'],
    ['vm-cc', 'domain=other.test'],
    ['vm-cc', '1002'],
    // an option of the mailer
    ['vm-notify-mailto', '-X/tmp/log'],
    ['vm-mailfrom', 'a@b.test & id'],
  ];
  for (const role of ['tenant', 'administrator'] as const) {
    for (const [name, value] of refused) {
      const pairs = [{ kind: 'voicemail' as const, name, value }];
      await assert.rejects(change(database, { pairs }, role), REFUSED, `${name} ${value}`);
    }
  }
  const taken: [name: string, value: string][] = [
    ['vm-operator-extension', '*1002'],
    ['vm-cc', '1002@lab.test'],
    ['vm-notify-mailto', 'jane+vm@lab.test'],
  ];
  for (const [name, value] of taken) {
    await change(database, { pairs: [{ kind: 'voicemail', name, value }] }, 'tenant');
  }
});

test('the database refuses the same from hand-written SQL', async (t) => {
  const { pool } = await lab(t);
  const set = (column: string, value: string) => pool.query(`update users set ${column} = $1`, [value]);
  const traps = ['$${x}', '`id`', 'a{b', 'a<b', 'x-PRE-process', 'a\nb', '^^a', 'a:_:b', 'a|b', 'a;b'];
  for (const trap of traps) {
    await assert.rejects(set('caller_id_name', trap), { code: '23514' }, trap);
    for (const column of ['params', 'variables', 'vm_settings']) {
      await assert.rejects(
        set(column, JSON.stringify({ timezone: trap })),
        { code: '23514' },
        `${column} ${trap}`,
      );
      await assert.rejects(
        set(column, JSON.stringify({ [trap]: 'x' })),
        { code: '23514' },
        `${column} ${trap}`,
      );
    }
  }
  for (const mailto of ['a@b.c; rm', '`id`@b.c', '-f@', 'a b@c.d']) {
    await assert.rejects(set('vm_mailto', mailto), { code: '23514' }, mailto);
  }
  await assert.rejects(set('params', '{"timezone": 1}'), { code: '23514' });
  await set('caller_id_name', "O'Brien, Jane");
});

test('a domain can be cached only where no other one could be taken for it', async (t) => {
  const { pool } = await lab(t);
  await pool.query(
    `insert into domains (name, tenant) values ('1.example', 'default'), ('01.example', 'default')`,
  );
  const cache = (name: string) => changeDomain(pool, name, { cacheableMs: 60_000 }, 'administrator');
  await assert.rejects(cache('01.example'), REFUSED);
  await assert.rejects(cache('1.example'), REFUSED);
  await cache('lab.test');
  await assert.rejects(changeDomain(pool, 'lab.test', { dialString: 'x' }, 'tenant'), REFUSED);
  await assert.rejects(changeDomain(pool, 'nowhere.test', { enabled: false }, 'administrator'), {
    code: 'not-found',
  });
});

test('nodes are told to forget a user of a cached domain that changed', async (t) => {
  const database = await lab(t);
  const { pool } = database;
  await pool.query(
    `insert into nodes (switchname, esl_host, esl_password_encrypted) values ('fs01', '127.0.0.11', 'x')`,
  );
  const commands = async () => (await pool.query('select node, command, argument from node_commands')).rows;
  await change(database, { enabled: false });
  assert.deepEqual(await commands(), [], 'nothing is cached');
  await changeDomain(pool, 'lab.test', { cacheableMs: 60_000 }, 'administrator');
  await change(database, { enabled: true });
  assert.deepEqual(await commands(), [{ node: 'fs01', command: 'flush-user', argument: '1001@lab.test' }]);
});

test('a node is told to remove and to read anew the gateways that changed, and those only', async (t) => {
  const { pool } = await lab(t);
  await pool.query(
    `insert into nodes (switchname, esl_host, esl_password_encrypted)
     values ('fs01', '127.0.0.11', 'x'), ('fs02', '127.0.0.12', 'x')`,
  );
  /** what is asked of the nodes for this change; reading waits until FreeSWITCH has forgotten, and directory knows */
  const asked = async (sql: string) => {
    await pool.query(sql);
    const { rows } = await pool.query(
      `delete from node_commands returning node || ': ' || command || ' ' || argument as words, due_at > now() as waits`,
    );
    return rows.map(({ words, waits }) => (waits ? `later ${words}` : words)).sort();
  };
  const added = `insert into trunks (name, host, registers_on, sip_profile) values
    ('one', 'a.example', 'fs01', null), ('two', 'b.example', 'fs01', null), ('three', 'c.example', 'fs01', 'carriers'),
    ('four', 'd.example', null, null)`;
  assert.deepEqual(await asked(added), [
    'later fs01: gateway-rescan carriers',
    'later fs01: gateway-rescan external',
  ]);
  assert.deepEqual(await asked('update trunks set max_channels = 5'), []);
  assert.deepEqual(await asked(`update trunks set host = 'e.example' where name in ('one', 'four')`), [
    'fs01: gateway-remove external one',
    'later fs01: gateway-rescan external',
  ]);
  assert.deepEqual(await asked(`update trunks set registers_on = 'fs02' where name = 'three'`), [
    'fs01: gateway-remove carriers three',
    'later fs02: gateway-rescan carriers',
  ]);
  assert.deepEqual(await asked(`update trunks set enabled = false where name = 'two'`), [
    'fs01: gateway-remove external two',
  ]);
  assert.deepEqual(await asked(`delete from trunks where name in ('one', 'two', 'four')`), [
    'fs01: gateway-remove external one',
  ]);
  assert.deepEqual(await asked(`delete from nodes where switchname = 'fs02'`), [], 'nobody is left to tell');
});

test('a group has users in an order; unknown users and groups are refused, and nothing is half done', async (t) => {
  const { pool } = await lab(t);
  const group = { name: 'sales', domain: 'lab.test' };
  await addGroup(pool, group, ['1002', '1001']);
  const members = async () =>
    (await pool.query('select user_id from group_members order by position')).rows.map(
      ({ user_id: id }) => id,
    );
  assert.deepEqual(await members(), ['1002', '1001']);
  const edit = (add: string[], remove: string[] = []) =>
    changeGroup(
      pool,
      group,
      { add, remove, pairs: [{ kind: 'param', name: 'timezone', value: 'UTC' }] },
      'administrator',
    );
  await edit(['1003'], ['1001']);
  assert.deepEqual(await members(), ['1002', '1003']);
  await assert.rejects(edit(['1999'], ['1002']), { code: 'not-found' });
  assert.deepEqual(await members(), ['1002', '1003']);
  await assert.rejects(addGroup(pool, { ...group, name: 'SALES' }, []), { code: 'already-exists' });
  await assert.rejects(addGroup(pool, { ...group, name: 'more' }, ['1999']), { code: 'not-found' });
  await removeGroup(pool, group);
  await assert.rejects(removeGroup(pool, group), { code: 'not-found' });
});
