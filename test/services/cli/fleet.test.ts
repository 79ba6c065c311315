import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import { childEnvironment } from '../../support/child-process.ts';
import { testDatabase } from '../../support/stack/test-database.ts';
import { until } from '../../support/until.ts';

const MAIN = resolve(import.meta.dirname, '../../../services/cli/main.ts');

/** A database with two nodes of which one has calls, a third that only showed up, and the command on it. */
async function openFleet(t: TestContext) {
  const { connectionString } = await testDatabase(t);
  const client = new pg.Client({ connectionString });
  await client.connect();
  t.after(() => client.end());
  await client.query(`
    insert into nodes (switchname, esl_host, esl_password_encrypted, sip_uri, max_sessions) values
      ('fs01', '192.0.2.11', 'x', 'sip:192.0.2.11:5060', 100), ('fs02', '192.0.2.12', 'x', 'sip:192.0.2.12:5060', null);
    insert into node_status (node, state, load, load_at) values ('fs01', 'live', '{"sessions": 3, "idle_cpu": 90}', now());
    insert into discovered_nodes (switchname, address, seen_by, reason) values ('fs03', '192.0.2.13', 'cdr', 'unknown switchname');
    insert into domains (name, tenant) values ('a.example', 'default')`);
  const ask = async (command: string) => {
    const child = spawn(process.execPath, [MAIN, ...command.split(' ')], {
      env: { ...childEnvironment(), DATABASE_URL: connectionString, SECRETS_KEY: '11'.repeat(32) },
      timeout: 60_000,
    });
    child.stdin.end();
    const [out, err, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    return { out, err, code: code as number | null };
  };
  return { client, ask, connectionString };
}

test('nodes are listed with their load, those that only showed up last', async (t) => {
  const { ask } = await openFleet(t);
  const { out, code } = await ask('--json node list');
  assert.equal(code, 0);
  const nodes = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    nodes.map(({ switchname, state, load }) => [switchname, state, load?.sessions ?? null]),
    [
      ['fs01', 'active', 3],
      ['fs02', 'active', null],
      ['fs03', 'discovered', null],
    ],
  );
  assert.match((await ask('node status')).out, /fs01\s+active\s+live\s+3\s+100\s+90 %/);
});

test('status --watch shows the load as it changes, until it is interrupted', async (t) => {
  const { client, connectionString } = await openFleet(t);
  const child = spawn(process.execPath, [MAIN, 'node', 'status', '--watch'], {
    env: { ...childEnvironment(), DATABASE_URL: connectionString },
    timeout: 60_000,
  });
  let out = '';
  child.stdout.on('data', (data: Buffer) => {
    out += data.toString();
  });
  await until('it shows the load', () => /fs01\s+active\s+live\s+3\s/.test(out), 60_000);
  await client.query(`update node_status set load = '{"sessions": 2}', load_at = now()`);
  await until('it shows the new load', () => /fs01\s+active\s+live\s+2\s/.test(out), 60_000);
  child.kill('SIGINT');
  assert.deepEqual(await once(child, 'close'), [0, null]);
});

test('drain --wait returns when the last call has ended', async (t) => {
  const { client, ask } = await openFleet(t);
  const ended = ask('node drain fs01 --wait --pause');
  let isDone = false;
  void ended.then(() => {
    isDone = true;
  });
  const state = `select state, (select command from node_commands) as command from nodes where switchname = 'fs01'`;
  await until(
    'it drains',
    async () => (await client.query(state)).rows[0].command === 'pause-inbound',
    60_000,
  );
  assert.equal((await client.query(state)).rows[0].state, 'draining');
  assert.equal(isDone, false);
  await client.query(`update node_status set load = '{"sessions": 0}', load_at = now()`);
  const { out, code } = await ended;
  assert.equal(code, 0);
  assert.match(out, /^node fs01 is draining \(was active\)\n(fs01 has 3 sessions\n)?fs01 has 0 sessions\n$/);
  assert.match((await ask('node undrain fs01')).out, /node fs01 is active \(was draining\)/);
});

test('a wait that takes too long says what is left, and the node goes on draining', async (t) => {
  const { client, ask } = await openFleet(t);
  const { err, code } = await ask('node drain fs01 --wait --timeout 1');
  assert.equal(code, 1);
  assert.match(err, /fs01 has 3 sessions after 1 s; it goes on draining \(drain-timeout\)/);
  const { rows } = await client.query(`select state from nodes where switchname = 'fs01'`);
  assert.deepEqual(rows, [{ state: 'draining' }]);
});

test('a node that showed up is adopted with one command, which shows its credential', async (t) => {
  const { client, ask } = await openFleet(t);
  const { out, code } = await ask('node adopt fs03 --esl-password word');
  assert.equal(code, 0);
  assert.match(out, /adopted node fs03 \(event socket 192\.0\.2\.13:8021\)\n.*: fs03:\S{20,}/);
  const { rows } = await client.query(
    `select sip_uri, (select count(*)::int from discovered_nodes) as left from nodes where switchname = 'fs03'`,
  );
  assert.deepEqual(rows, [{ sip_uri: 'sip:192.0.2.13:5060', left: 0 }]);
  assert.match(
    (await ask('node adopt fs09 --esl-password word')).err,
    /no node fs09 has shown up \(not-found\)/,
  );
  await client.query(
    `insert into discovered_nodes (switchname, seen_by, reason) values ('fs09', 'cdr', 'test')`,
  );
  const { err } = await ask('node adopt fs09 --esl 192.0.2.19:event --esl-password word');
  assert.match(err, /port "event" must be a whole number from 1 to 65535 \(value-refused\)/);
});

test('a route is explained, with what lost and the age of the load', async (t) => {
  const { ask } = await openFleet(t);
  const { out } = await ask('route explain *97 --domain a.example');
  assert.match(out, /is no user, no DID and no phone number/);
  assert.match(out, /node {3}fs02: stale|node {3}fs02: may take the call/);
  assert.match(out, /no heartbeat was heard; degraded/);
  assert.match(out, /→ node fs0[12]: \*97@a\.example/);
  assert.match((await ask('route explain +4930999')).out, /→ rejected: 404 Not Found/);
});

test('disable, remove, and orders to nobody', async (t) => {
  const { ask } = await openFleet(t);
  assert.equal((await ask('node disable fs02')).code, 0);
  assert.equal((await ask('node remove fs02')).code, 0);
  for (const command of ['drain', 'remove']) {
    const { err, code } = await ask(`node ${command} fs02`);
    assert.equal(code, 1);
    assert.match(err, /there is no node fs02 \(not-found\)/);
  }
});

test('Kamailio’s list and DNS lines come from the active nodes; a number and a domain that are none are refused', async (t) => {
  const { client, ask } = await openFleet(t);
  await client.query(`update nodes set state = 'draining' where switchname = 'fs02'`);
  const { out } = await ask('kamailio dispatcher-list');
  assert.match(out, /^1 sip:192\.0\.2\.11:5060 0 0 duid=fs01;weight=100;rweight=\d+;maxload=100 # fs01$/m);
  assert.match(out, /^1 sip:192\.0\.2\.12:5060 4 0 duid=fs02;weight=0;/m);
  assert.match(
    (await ask('dns srv a.example')).out,
    /^_sip\._udp\.a\.example\. 60 IN SRV 0 50 5060 fs01\.a\.example\.\nfs01\.a\.example\. 60 IN A 192\.0\.2\.11\n$/,
  );
  const short = await ask('did add +4420 1001 --domain a.example');
  assert.equal(short.code, 1);
  assert.match(short.err, /"\+4420" is too short for a phone number \(value-refused\)/);
  const typo = await ask('dns srv a.exmaple');
  assert.deepEqual([typo.code, typo.out], [1, '']);
  assert.match(typo.err, /there is no domain a\.exmaple \(not-found\)/);
});
