import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import { dispatcherList } from '../../../libs/kamailio/dispatcher.ts';
import { readTargets } from '../../../libs/kamailio/dispatcher-targets.ts';
import { callKamailio } from '../../../libs/kamailio/json-rpc.ts';
import { readDispatcher } from '../../../libs/provisioning/fleet.sql.ts';
import { orderNode } from '../../../libs/provisioning/fleet-control.ts';
import { skipWithoutKamailio, startKamailio } from '../../support/kamailio/kamailio.ts';
import { type Lab, openLab } from '../../support/kamailio/lab.ts';
import { openEndpoint } from '../../support/kamailio/sip-endpoint.ts';
import { headerOf, type SipMessage } from '../../support/kamailio/sip-message.ts';
import { testDatabase } from '../../support/stack/test-database.ts';
import { until } from '../../support/until.ts';

const skip = skipWithoutKamailio();

/** A login as an operator makes it for a Kamailio: member of the shipped role, its search path set. */
async function kamailioLogin(t: TestContext, connectionString: string): Promise<string> {
  const name = `kamailio_${randomBytes(4).toString('hex')}`;
  const admin = new pg.Client({ connectionString });
  await admin.connect();
  await admin.query(`create role ${name} login password 'secret' in role switchfleet_kamailio`);
  await admin.query(`alter role ${name} set search_path = kamailio`);
  t.after(async () => {
    await admin.query(`drop role ${name}`);
    await admin.end();
  });
  const url = new URL(connectionString);
  url.username = name;
  url.password = 'secret';
  url.search = '';
  // Kamailio takes the scheme for the name of its module.
  return url.href.replace(/^postgresql:/, 'postgres:');
}

const withDatabase = (t: TestContext, defines: string[]) => ({
  kamailio: async ({ connectionString }: { connectionString: string }) => ({
    defines,
    database: await kamailioLogin(t, connectionString),
    list: '',
  }),
});

/** Flags of each destination as Kamailio has them: `AP`, `DX` …, by the last part of the address. */
async function states({ kamailio }: Lab): Promise<Record<string, string>> {
  const list = await kamailio.command('dispatcher.list');
  const found = list.matchAll(/URI: sip:[\d.]+\.(\d+):5060\s+FLAGS: (\w+)/g);
  return Object.fromEntries([...found].map(([, host = '', flags = '']) => [host, flags]));
}

test('the dispatcher view is a table to Kamailio; a drain reaches it at once and outlasts a reload', {
  skip,
}, async (t) => {
  const lab = await openLab(t, withDatabase(t, ['WITH_DATABASE_DISPATCHER', 'WITH_RPC']));
  await until(
    'both nodes are pinged',
    async () => JSON.stringify(await states(lab)) === '{"11":"AP","12":"AP"}',
  );
  await lab.sql(
    `insert into proxies (name, address, rpc_url) values ('kam', '${lab.address(20)}', 'http://${lab.address(20)}:5062/RPC')`,
  );
  const pool = new pg.Pool({ connectionString: lab.connectionString, max: 2 });
  t.after(() => pool.end());
  const listed = await callKamailio({
    url: `http://${lab.address(20)}:5062/RPC`,
    method: 'dispatcher.list',
  });
  assert.deepEqual(
    readTargets(listed).map(({ setId, flags, isActive }) => [setId, flags, isActive]),
    [
      [1, 'AP', true],
      [1, 'AP', true],
    ],
    'the collector reads the same',
  );

  const drained = await orderNode(pool, {
    switchname: 'fs01',
    state: 'draining',
    pauses: true,
    requestedBy: 'test',
    author: { actor: 'test', role: 'admin' },
  });
  assert.deepEqual(
    drained.kamailios.map(({ problem }) => problem),
    [undefined],
  );
  assert.deepEqual((await states(lab))['11']?.charAt(0), 'D');
  const { rows } = await lab.sql('select node, command from node_commands');
  assert.deepEqual(rows, [{ node: 'fs01', command: 'pause-inbound' }]);
  await lab.kamailio.command('dispatcher.reload');
  assert.deepEqual((await states(lab))['11']?.charAt(0), 'D', 'the view says the same');

  await lab.services[0].stop();
  await lab.services[1].stop();
  for (let call = 0; call < 4; call += 1) assert.equal((await lab.dial('sip:1001@a.example')).status, 200);
  assert.equal(lab.fs01.invites.length, 0, 'the fallback leaves it alone, too');

  const back = await orderNode(pool, {
    switchname: 'fs01',
    state: 'active',
    pauses: false,
    requestedBy: 'test',
    author: { actor: 'test', role: 'admin' },
  });
  assert.deepEqual(
    back.kamailios.map(({ problem }) => problem),
    [undefined],
  );
  assert.equal((await states(lab))['11'], 'AP');

  await lab.sql(`insert into nodes (switchname, esl_host, esl_password_encrypted, sip_uri)
      values ('fs03', '${lab.address(13)}', 'x', 'sip:${lab.address(13)}:5060');
    insert into dispatch_members (set_id, node) values (1, 'fs03')`);
  await lab.kamailio.command('dispatcher.reload').catch(() => undefined);
  await lab.sql(`insert into nodes (switchname, esl_host, esl_password_encrypted, sip_uri)
      values ('fs04', '${lab.address(14)}', 'x', 'sip:${lab.address(14)}:5060');
    insert into dispatch_members (set_id, node) values (1, 'fs04')`);
  const unknown = await orderNode(pool, {
    switchname: 'fs04',
    state: 'draining',
    pauses: false,
    requestedBy: 'test',
    author: { actor: 'test', role: 'admin' },
  });
  assert.deepEqual(
    unknown.kamailios.map(({ problem }) => problem),
    [undefined],
    'it reloads for a node that it does not know, and waits where it reloaded a moment ago',
  );
  assert.equal((await states(lab))['14']?.charAt(0), 'D');
});

test('a Kamailio’s login reads the three views and nothing else', { skip }, async (t) => {
  const { connectionString } = await testDatabase(t);
  const kamailio = new pg.Client({ connectionString: await kamailioLogin(t, connectionString) });
  await kamailio.connect();
  t.after(() => kamailio.end());
  for (const view of ['dispatcher', 'subscriber', 'version']) await kamailio.query(`select * from ${view}`);
  const forbidden = [
    'select * from public.users',
    'select * from public.nodes',
    'select * from kamailio.node_load',
    `update public.users set ha1 = ''`,
    'create table kamailio.own (id integer)',
  ];
  for (const sql of forbidden) await assert.rejects(kamailio.query(sql), { code: '42501' }, sql);
  const changes = [`update subscriber set ha1 = ''`, 'delete from dispatcher', 'delete from version'];
  // What no rule lets through is refused before anybody asks who wants it.
  for (const sql of changes) await assert.rejects(kamailio.query(sql), { code: /^(?:42501|55000)$/ }, sql);
});

test('a Kamailio that is away does not keep a node from draining', { skip }, async (t) => {
  const lab = await openLab(t);
  await lab.sql(
    `insert into proxies (name, address, rpc_url) values ('kam', '${lab.address(20)}', 'http://${lab.address(20)}:1/RPC')`,
  );
  const pool = new pg.Pool({ connectionString: lab.connectionString, max: 2 });
  t.after(() => pool.end());
  const { kamailios } = await orderNode(pool, {
    switchname: 'fs01',
    state: 'draining',
    pauses: false,
    requestedBy: 'test',
    author: { actor: 'test', role: 'admin' },
  });
  assert.match(kamailios[0]?.problem ?? '', /no JSON-RPC from/);
  await lab.untilNodes('it drains all the same', ({ left_out }) =>
    left_out.some(({ reason }) => reason === 'draining'),
  );
});

test('the list file says what the view says, and Kamailio starts from it without the database', {
  skip,
}, async (t) => {
  const lab = await openLab(t);
  const pool = new pg.Pool({ connectionString: lab.connectionString, max: 2 });
  t.after(() => pool.end());
  await lab.sql(`update nodes set state = 'draining' where switchname = 'fs02';
    insert into nodes (switchname, esl_host, esl_password_encrypted, sip_uri)
      values ('fs03', '${lab.address(13)}', 'x', 'sip:${lab.address(13)}:5060')`);
  const fs03 = await openEndpoint(lab.address(13));
  t.after(() => fs03.close());
  const list = dispatcherList(await readDispatcher(pool));
  const nowhere = 'http://kamailio:x@127.0.0.1:1';
  const kamailio = await startKamailio({ address: lab.address(21), routing: [nowhere, nowhere], list });
  t.after(() => kamailio.stop());
  const listed = await kamailio.command('dispatcher.list');
  assert.match(listed, /WEIGHT: 100/);
  assert.match(listed, /DUID: fs01/);
  for (let call = 0; call < 3; call += 1) {
    const { status } = await lab.phone.call({
      proxy: kamailio.proxy,
      uri: 'sip:1001@a.example',
      from: 'sip:1002@a.example',
    });
    assert.equal(status, 200);
  }
  assert.deepEqual([lab.fs01.invites.length, lab.fs02.invites.length, fs03.invites.length], [3, 0, 0]);

  const headers: [string, string][] = [['X-Call-Correlation-ID', 'of-fs03']];
  await fs03.call({ proxy: kamailio.proxy, uri: 'sip:1001@a.example', from: 'sip:1002@a.example', headers });
  const [invite] = lab.fs01.invites.slice(3);
  assert.equal(
    invite && headerOf(invite, 'X-Call-Correlation-ID'),
    'of-fs03',
    'a node in no set is a node of ours all the same',
  );
});

/** The answer to a digest challenge (RFC 2617, without qop). */
function digest(
  challenge: string,
  { user, password, method, uri }: Record<'user' | 'password' | 'method' | 'uri', string>,
): string {
  const field = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? '';
  const md5 = (text: string) => createHash('md5').update(text).digest('hex');
  const [realm, nonce] = [field('realm'), field('nonce')];
  const response = md5(`${md5(`${user}:${realm}:${password}`)}:${nonce}:${md5(`${method}:${uri}`)}`);
  return `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}", algorithm=MD5`;
}

test('phones authenticate by the subscriber view; carriers and callers of a DID need not', {
  skip,
}, async (t) => {
  const lab = await openLab(t, withDatabase(t, ['WITH_AUTH', 'WITH_DATABASE_DISPATCHER']));
  await until('the nodes are pinged', async () => Object.keys(await states(lab)).length === 2);
  const uri = 'sip:1001@a.example';
  const challenged = await lab.dial(uri);
  assert.equal(challenged.status, 407);
  const challenge = headerOf(challenged.final, 'proxy-authenticate') ?? '';
  const names = ['P-Asserted-Identity', 'P-Preferred-Identity', 'Remote-Party-ID'];
  const claims = names.map((name): [string, string] => [name, '"The Boss" <sip:1001@a.example>']);
  const withPassword = (password: string, user = '1002') =>
    lab.dial(uri, {
      headers: [
        ['Proxy-Authorization', digest(challenge, { user, password, method: 'INVITE', uri })],
        ...claims,
      ],
    });
  assert.equal((await withPassword('wrong')).status, 407);
  assert.equal((await withPassword('secret', 'nobody')).status, 407);
  assert.equal((await withPassword('secret', '1001')).status, 403, 'as somebody else than From says');
  const others = 'Digest username="1002", realm="elsewhere", nonce="0", uri="sip:x", response="0"';
  const claimed = await lab.dial(uri, {
    headers: [
      ['Proxy-Authorization', others],
      ['Proxy-Authorization', digest(challenge, { user: '1001', password: 'secret', method: 'INVITE', uri })],
    ],
  });
  assert.equal(claimed.status, 403, 'with the name in credentials that nobody checked');
  assert.equal((await withPassword('secret')).status, 200);
  const invites = [...lab.fs01.invites, ...lab.fs02.invites];
  assert.equal(invites.length, 1);
  const told = (header: string) => headerOf(invites.at(-1) as NonNullable<(typeof invites)[0]>, header);
  assert.equal(told('proxy-authorization'), undefined, 'the answer to the challenge stays here');
  assert.equal(told('X-Switchfleet-Source'), 'user', 'the node is told that one of our users calls');
  assert.deepEqual(names.map(told), [undefined, undefined, undefined], 'and calls under no other name');
  const here = lab.kamailio.proxy.split(':')[0];
  const forged: [string, string][] = [['X-Switchfleet-Source', 'user']];
  assert.equal((await lab.dial(`sip:+4930100@${here}`, { by: lab.carrier1, headers: claims })).status, 200);
  const fromCarrier = [...lab.fs01.invites, ...lab.fs02.invites].find((invite) => !invites.includes(invite));
  assert(
    fromCarrier !== undefined && headerOf(fromCarrier, 'P-Asserted-Identity') !== undefined,
    'a carrier may',
  );
  assert.equal((await lab.dial(`sip:+4930100@${here}`, { headers: forged })).status, 200);
  const all = [...lab.fs01.invites, ...lab.fs02.invites];
  const marked = all.filter((invite) => headerOf(invite, 'X-Switchfleet-Source') !== undefined);
  assert.deepEqual([all.length, marked], [3, invites], 'nobody else is');
});

test('a user is the same in capitals, as he is to FreeSWITCH', { skip }, async (t) => {
  const lab = await openLab(t, {
    ...withDatabase(t, ['WITH_AUTH', 'WITH_USRLOC', 'WITH_DATABASE_DISPATCHER']),
    seed: () => `insert into users (domain, user_id, ha1, ha1b) select 'a.example', 'bob',
      md5('bob:a.example:secret'), md5('bob@a.example:a.example:secret')`,
  });
  await until('the nodes are pinged', async () => Object.keys(await states(lab)).length === 2);
  const { phone, kamailio } = lab;
  const { proxy } = kamailio;
  const answered = (final: SipMessage, method: string, user: string, uri: string) =>
    digest(headerOf(final, method === 'REGISTER' ? 'www-authenticate' : 'proxy-authenticate') ?? '', {
      user,
      password: 'secret',
      method,
      uri,
    });
  for (const [user, host] of [
    ['bob', 'A.Example'],
    ['1002', 'A.EXAMPLE'],
  ] as const) {
    const from = `sip:${user}@${host}`;
    const asked = { proxy, uri: `sip:${host}`, from };
    const challenged = await phone.register(asked);
    const authorization = answered(challenged.final, 'REGISTER', user, asked.uri);
    const registered = await phone.register({ ...asked, headers: [['Authorization', authorization]] });
    assert.equal(registered.status, 200, from);
    assert.equal((await lab.dial(`sip:${user}@a.example`, { by: lab.fs01 })).status, 200, 'and is found');

    const uri = 'sip:1001@a.example';
    const refused = await lab.dial(uri, { from });
    const headers: [string, string][] = [
      ['Proxy-Authorization', answered(refused.final, 'INVITE', user, uri)],
    ];
    assert.equal((await lab.dial(uri, { from, headers })).status, 200, from);
  }
});

test('who has shown no password takes no capacity, and a call counts once', { skip }, async (t) => {
  const lab = await openLab(t, {
    ...withDatabase(t, ['WITH_AUTH', 'WITH_DATABASE_DISPATCHER']),
    seed: () => `update trunks set max_channels = 3 where name = 'carrier1';
      insert into trunk_routing (prefix, trunk) values ('40', 'carrier1')`,
  });
  await until('the nodes are pinged', async () => Object.keys(await states(lab)).length === 2);
  for (const node of ['fs01', 'fs02']) lab.beat(node, { max_sessions: 20, max_sessions_per_second: 20 });
  const uri = 'sip:+40123456@a.example';
  const bogus = digest('realm="a.example"', { user: '1002', password: 'no', method: 'INVITE', uri });
  for (let call = 0; call < 60; call += 1) {
    const headers: [string, string][] = call % 2 === 0 ? [] : [['Proxy-Authorization', bogus]];
    assert.equal((await lab.dial('sip:1001@a.example', { headers })).status, 407);
    assert.equal((await lab.dial(uri, { headers })).status, 407);
  }
  const here = lab.kamailio.proxy.split(':')[0];
  assert.equal((await lab.dial(`sip:+4930100@${here}`, { by: lab.carrier1 })).status, 200);
  for (let call = 0; call < 3; call += 1) {
    const { final } = await lab.dial(uri);
    const challenge = headerOf(final, 'proxy-authenticate') ?? '';
    const credentials = digest(challenge, { user: '1002', password: 'secret', method: 'INVITE', uri });
    const { status } = await lab.dial(uri, { headers: [['Proxy-Authorization', credentials]] });
    assert.equal(status, 200, `call ${call + 1} of 3`);
  }
});

test('a phone registers as the user whose password it has, and as nobody else', { skip }, async (t) => {
  const lab = await openLab(t, withDatabase(t, ['WITH_AUTH', 'WITH_USRLOC', 'WITH_DATABASE_DISPATCHER']));
  const register = async (as: string, user: string, password: string, more: [string, string][] = []) => {
    const uri = 'sip:a.example';
    const options = { proxy: lab.kamailio.proxy, uri, from: `sip:${as}@a.example` };
    const { final } = await lab.phone.register(options);
    const challenge = headerOf(final, 'www-authenticate') ?? '';
    const credentials = digest(challenge, { user, password, method: 'REGISTER', uri });
    const headers: [string, string][] = [...more, ['Authorization', credentials]];
    const { status } = await lab.phone.register({ ...options, headers });
    return status;
  };
  assert.equal(await register('1001', '1002', 'secret'), 403, 'with the password of a colleague');
  const claim = 'Digest username="1001", realm="a.example", nonce="0", uri="sip:a.example", response="0"';
  const claimed = await register('1001', '1002', 'secret', [['Proxy-Authorization', claim]]);
  assert.equal(claimed, 403, 'with the name in another header, which nobody checked');
  assert.equal(await register('1001', '1001', 'wrong'), 401);
  const stored = () => lab.kamailio.command('ul.dump');
  assert.doesNotMatch(await stored(), /1001@a\.example/);
  assert.equal(await register('1002', '1002', 'secret'), 200);
  assert.match(await stored(), /1002@a\.example/);
});
