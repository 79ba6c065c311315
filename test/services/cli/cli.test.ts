import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { createSecretBox } from '../../../libs/sealing/secret-box.ts';
import { childEnvironment } from '../../support/child-process.ts';
import { type Provisioned, provisionedDatabase, SECRETS_KEY } from '../../support/directory/provisioned.ts';
import { testDatabase } from '../../support/stack/test-database.ts';

const MAIN = resolve(import.meta.dirname, '../../../services/cli/main.ts');
const LIMIT_MS = 60_000;

interface Outcome {
  code: number | null;
  out: string;
  err: string;
}

/** Runs the command as a process of its own, as a person does. */
async function run(
  args: string[],
  environment: Record<string, string>,
  { input = '' } = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...childEnvironment(), ...environment },
    timeout: LIMIT_MS,
  });
  child.stdin.end(input);
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: code as number | null, out, err };
}

function switchfleet({ connectionString }: Provisioned) {
  const environment = { DATABASE_URL: connectionString, SECRETS_KEY };
  return (args: string, options?: { input: string }) => run(args.split(' '), environment, options);
}

test('user add, did add, node add and proxy add store what they say', async (t) => {
  const database = await provisionedDatabase(t);
  const command = switchfleet(database);
  const user = await command('user add 1001@lab.test --password-stdin --number 1001', {
    input: 'from stdin\n',
  });
  assert.deepEqual(user, { code: 0, out: 'added user 1001@lab.test\n', err: '' });
  const did = await command('did add +442071838750 1001 --domain lab.test');
  assert.deepEqual(did, { code: 0, out: 'added +442071838750 → extension 1001 of lab.test\n', err: '' });
  assert.match((await command('did show +442071838750')).out, /destination +1001/);
  const node = await command('--json node add fs01 --esl 127.0.0.11:8021 --esl-password ClueCon');
  const { http_password, ...shown } = JSON.parse(node.out);
  assert.deepEqual(shown, {
    switchname: 'fs01',
    esl_host: '127.0.0.11',
    esl_port: 8021,
    http_username: 'fs01',
  });
  assert.match(http_password, /^[\w-]{24}$/);
  assert.equal((await command('proxy add kam1 127.0.0.20')).code, 0);
  const { rows } = await database.pool.query(
    `select ha1 = md5('1001:lab.test:from stdin') as is_digest, nodes.esl_password_encrypted, did, address::text
     from users, nodes, did_routing, proxies`,
  );
  const [{ esl_password_encrypted, ...stored }] = rows;
  assert.deepEqual(stored, { is_digest: true, did: '+442071838750', address: '127.0.0.20/32' });
  assert.equal(createSecretBox(SECRETS_KEY).open(esl_password_encrypted), 'ClueCon');
});

test('user set, domain set and group change what they say', async (t) => {
  const database = await provisionedDatabase(t);
  const command = switchfleet(database);
  await command('user add 1001@lab.test --password 12345');
  const set = await command(
    'user set 1001@lab.test --disable --param timezone=UTC --vm vm-attach-file=true --esl-password es',
  );
  assert.deepEqual(set, { code: 0, out: 'changed user 1001@lab.test\n', err: '' });
  assert.equal(
    (await command('domain set lab.test --context from-kamailio --variable callgroup=all')).code,
    0,
  );
  assert.equal((await command('group add sales@lab.test 1001')).code, 0);
  assert.equal((await command('group set sales@lab.test --remove 1001')).code, 0);
  const { rows } = await database.pool.query(
    `select users.enabled, users.params, vm_settings, domains.context, domains.variables, groups.name
     from users, domains, groups`,
  );
  assert.deepEqual(rows, [
    {
      enabled: false,
      params: { timezone: 'UTC' },
      vm_settings: { 'vm-attach-file': 'true' },
      context: 'from-kamailio',
      variables: { callgroup: 'all' },
      name: 'sales',
    },
  ]);
  await command('user add Anna@lab.test --password 12345');
  const changed = await command(
    'user set anna@LAB.test --password-stdin --vm-password 4321 --alias 77 --accountcode a1',
    {
      input: 'a new one\n',
    },
  );
  assert.deepEqual(changed, { code: 0, out: 'changed user anna@LAB.test\n', err: '' });
  const hashed = await database.pool.query(
    `select ha1 = md5('Anna:lab.test:a new one') as sip, ha1b = md5('Anna@lab.test:lab.test:a new one') as long,
       vm_a1_hash = md5('Anna:lab.test:4321') as box, number_alias, accountcode,
       (select secrets from audit_log order by id desc limit 1) as told
     from users where user_id = 'Anna'`,
  );
  assert.deepEqual(hashed.rows, [
    {
      sip: true,
      long: true,
      box: true,
      number_alias: '77',
      accountcode: 'a1',
      told: ['password', 'voicemail_password'],
    },
  ]);
  assert.match((await command('user show anna@lab.test')).out, /number_alias +77/);
  assert.match((await command('group show sales@lab.test')).out, /name +sales/);
  assert.equal((await command('user remove anna@lab.test')).out, 'removed user lab.test anna\n');
  const refused = await command('user set 1001@lab.test --param a1-hash=x');
  assert.match(refused.err, /param "a1-hash" may not be set \(value-refused\)/);
});

test('a generated password is shown, and is the one that is stored', async (t) => {
  const database = await provisionedDatabase(t);
  const { out } = await switchfleet(database)('--json user add 1002@lab.test');
  const { password, ...added } = JSON.parse(out);
  assert.deepEqual(added, { user: '1002', domain: 'lab.test' });
  const { rows } = await database.pool.query('select ha1 = md5($1) as is_digest from users', [
    `1002:lab.test:${password}`,
  ]);
  assert.deepEqual(rows, [{ is_digest: true }]);
});

test('what cannot be done is one coded line and exit 1; a wrong command line is exit 2', async (t) => {
  const database = await provisionedDatabase(t);
  const command = switchfleet(database);
  const first = await command('user add 1001@lab.test --password 12345');
  assert.equal(first.code, 0);
  const again = await command('user add 1001@lab.test --password 12345');
  assert.deepEqual(again, {
    code: 1,
    out: '',
    err: 'switchfleet: there already is a user or number alias 1001@lab.test (already-exists)\n',
  });
  const hostile = await run(['user', 'add', '1003@lab.test', '--name', `\${system(id)}`], {
    DATABASE_URL: database.connectionString,
  });
  assert.equal(hostile.code, 1);
  assert.match(hostile.err, /caller id name .* contains \$ .*\(value-refused\)\n$/);
  assert.equal((await command('did add 123')).code, 2);
  assert.equal((await command('no-such-command')).code, 2);
  assert.equal((await command('--help')).code, 0);
  const cut = spawn(
    'bash',
    ['-c', `"$0" "$1" --help | true; exit \${PIPESTATUS[0]}`, process.execPath, MAIN],
    {
      env: childEnvironment(),
      timeout: LIMIT_MS,
    },
  );
  const [remarks, [code]] = await Promise.all([text(cut.stderr), once(cut, 'close')]);
  assert.deepEqual([code, remarks], [141, ''], 'a reader that has enough is no failure to tell of');
  const unknown = await run(['calls'], { DATABASE_URL: database.connectionString, DATABASE_POOLSIZE: '3' });
  assert.equal(unknown.code, 1);
  assert.match(unknown.err, /DATABASE_POOLSIZE/);
});

test('a database that is away is one clear line', async () => {
  const { code, err } = await run(['calls'], { DATABASE_URL: 'postgres://nobody:pw-1234@127.0.0.1:1/none' });
  assert.equal(code, 1);
  assert.match(err, /^switchfleet: .*127\.0\.0\.1:1.*\(database-unavailable\)\n$/);
  assert.doesNotMatch(err, /pw-1234/);
});

test('migrate brings an empty database up to date, and says so the second time', async (t) => {
  const { connectionString } = await testDatabase(t, { migrated: false });
  const first = await run(['migrate'], { DATABASE_URL: connectionString });
  assert.equal(first.code, 0, first.err);
  assert.match(first.out, /^applied 0001_.*0010_provisioning\.sql/);
  const second = await run(['migrate'], { DATABASE_URL: connectionString });
  assert.deepEqual(second, { code: 0, out: 'the schema is up to date\n', err: '' });
});

test("without DATABASE_URL the data directory says where standalone's database is", async (t) => {
  const { connectionString, pool } = await provisionedDatabase(t);
  const directory = await mkdtemp(join(tmpdir(), 'switchfleet-cli-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const missing = await run(['calls'], { DATA_DIR: directory });
  assert.equal(missing.code, 1);
  assert.match(missing.err, /\(database-not-found\)\n$/);
  const secrets = { databaseUrl: connectionString, secretsKey: SECRETS_KEY, eslPassword: 'esl secret' };
  await writeFile(join(directory, 'secrets.json'), JSON.stringify(secrets));
  const added = await run(['node', 'add', 'fs02', '--esl', '127.0.0.12'], { DATA_DIR: directory });
  assert.equal(added.code, 0, added.err);
  assert.match(added.out, /^no call is sent to it: node set fs02 --sip-uri says where$/m);
  const { rows } = await pool.query('select esl_port, esl_password_encrypted from nodes');
  assert.equal(rows[0].esl_port, 8021);
  assert.equal(createSecretBox(SECRETS_KEY).open(rows[0].esl_password_encrypted), 'esl secret');
});

test('calls shows the newest calls as a table, or as JSON lines', async (t) => {
  const database = await provisionedDatabase(t);
  await database.pool.query(`insert into calls (id, start_at, root_id, state, revision, nodes, legs, caller, callee,
      billsec, duration, hangup_cause, disposition, tenants, digest)
    select id, call_id_start(id), id, 'finished', 1, '{fs01,fs02}', '{a,b,c}', '1001', '8122000', 12.34, 14, 'NORMAL_CLEARING',
      'answered', '{}', '' from (values ('0660bbc4-1b5d-8000-8000-000000000001'::uuid)) as made (id)`);
  const command = switchfleet(database);
  const shown = await command('calls');
  assert.equal(shown.err, '');
  const [head = '', row = ''] = shown.out.split('\n');
  assert.match(head, /^TIME\s+CALLER\s+CALLEE\s+NODES\s+LEGS\s+DISPOSITION\s+TALK\s+HANGUP CAUSE\s+ID$/);
  assert.match(
    row,
    /Z\s+1001\s+8122000\s+fs01 → fs02\s+3\s+answered\s+12\.3 s\s+NORMAL_CLEARING\s+0660bbc4-\S+$/,
  );
  const [json = ''] = (await command('--json calls --limit 1')).out.split('\n');
  assert.equal(JSON.parse(json).callee, '8122000');
  const found = async (filters: string) =>
    (await command(`--json calls ${filters}`)).out.split('\n').filter((line) => line !== '').length;
  assert.equal(
    await found('--number *2000 --node fs02 --disposition answered --disposition busy --min-talk 12'),
    1,
  );
  assert.equal(await found('--from 2026-01-01 --quality low-mos'), 0);
  assert.equal(await found('--caller 8122000'), 0);
  assert.equal(await found('--max-duration 13.9'), 0);
  assert.match((await command('calls --quality nice')).err, /must be one of one-way/);
  assert.match((await command('calls --min-mos low')).err, /--min-mos must be a number/);

  await database.pool.query(`insert into legs (uuid, start_at, call_id, root_id, node, core_uuid, direction, state, evidence)
    select 'a', start_at, id, id, 'fs01', 'core', 'inbound', 'ended', '{}' from calls`);
  const one = await command('calls show a');
  assert.match(one.out, /^call 0660bbc4-\S+\n1001 → 8122000: answered, 12\.3 s of talk/, one.err);
  assert.match(one.out, /fs01 +inbound/);
  assert.match(one.err, /no events are stored/);
  await database.pool.query(String.raw`update calls set caller = E'1\x1b[31m\n1'`);
  assert.match((await command('calls show a')).out, /\n1�\[31m�1 → 8122000/);
  assert.equal(JSON.parse((await command('--json calls show a')).out).legs[0].uuid, 'a');
  const missing = await command('calls show nothing');
  assert.deepEqual([missing.code, missing.err.includes('there is no call or leg nothing')], [1, true]);
});
