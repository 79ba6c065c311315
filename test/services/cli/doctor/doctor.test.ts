import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import { createSecretBox } from '../../../../libs/sealing/secret-box.ts';
import { redact } from '../../../../services/cli/commands/doctor/redact.ts';
import { childEnvironment } from '../../../support/child-process.ts';
import { testBrokers } from '../../../support/stack/test-brokers.ts';
import { testDatabase } from '../../../support/stack/test-database.ts';
import { stubNode } from '../../../support/stub-node.ts';

const MAIN = resolve(import.meta.dirname, '../../../../services/cli/main.ts');
const SECRETS = {
  SECRETS_KEY: 'fe'.repeat(32),
  FREESWITCH_PASSWORD: 'planted-freeswitch',
  KAMAILIO_PASSWORD: 'planted-kamailio',
  API_TOKEN: 'planted-token',
};

async function switchfleet(environment: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...childEnvironment(), ...environment },
    timeout: 120_000,
  });
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { out, err, code: code as number | null };
}

/** A database with one node that answers and one that does not, and a role whose password is a planted secret. */
async function openFleet(t: TestContext) {
  const { connectionString } = await testDatabase(t);
  const client = new pg.Client({ connectionString });
  await client.connect();
  t.after(() => client.end());
  const box = createSecretBox(SECRETS.SECRETS_KEY);
  const node = await stubNode(t, {
    password: 'planted-esl',
    api: {
      switchname: 'fs01',
      strepoch: () => String(Math.floor(Date.now() / 1000)),
      'module_exists mod_xml_curl': 'true',
      'module_exists mod_xml_cdr': 'false',
      'xml_locate configuration configuration name xml_curl.conf': `<configuration name="xml_curl.conf">
  <bindings>
    <binding name="switchfleet">
      <param name="gateway-url" value="http://127.0.0.1:3101/freeswitch" bindings="directory"></param>
      <param name="gateway-credentials" value="fs01:planted-gateway"></param>
    </binding>
  </bindings>
</configuration>`,
    },
  });
  await client.query(
    `insert into nodes (switchname, esl_host, esl_port, esl_password_encrypted) values
       ('fs01', '127.0.0.1', $1, $2), ('fs02', '127.0.0.1', 1, $2)`,
    [node.port, box.seal('planted-esl')],
  );
  await client.query(`insert into node_lookups (node, directory_at) values ('fs01', now())`);
  for (const statement of TRACES) await client.query(statement);
  return { connectionString, client };
}

/** Thirty legs of each node that ended ten minutes ago, with a CDR; events came of those of fs01 only. */
const TRACES = [
  `insert into legs (uuid, start_at, end_at, node, core_uuid, state)
   select node || '-' || n, now() - interval '11 minutes', now() - interval '10 minutes', node, 'core', 'ended'
   from unnest(array['fs01', 'fs02']) node, generate_series(1, 30) n`,
  `insert into cdr (uuid, start_at, end_at, format, switch_name, duration, billsec, received_at, body_sha256)
   select uuid, start_at, end_at, 'xml', node, 60, 0, end_at, '' from legs`,
  `insert into leg_events (uuid, at, sequence, core_uuid, node, event_name, headers)
   select uuid, end_at, 1, core_uuid, node, 'CHANNEL_HANGUP', '{}' from legs where node = 'fs01'`,
];

test('doctor says what is wrong and what to do, exits 1, and writes a bundle without secrets', async (t) => {
  const { connectionString } = await openFleet(t);
  const folder = mkdtempSync(join(tmpdir(), 'switchfleet-doctor-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const url = new URL(connectionString);
  url.searchParams.set('password', 'planted-query');
  const environment = {
    ...SECRETS,
    DATABASE_URL: connectionString,
    DATABASE_READ_URL: `postgres://reader:planted%2Furl@127.0.0.1:1/none`,
    KAFKA_BROKERS: (await testBrokers()).join(','),
    DRAIN_MS: '3000',
  };
  const bundle = join(folder, 'support.json.gz');
  const { out, err, code } = await switchfleet(environment, 'doctor', '--bundle', bundle);
  assert.equal(code, 1, out + err);
  assert.match(out, /^ok {7}configuration {4}Kafka at /m);
  assert.match(out, /^failed {3}services {9}no instance runs of api, /m);
  assert.match(out, /^ok {7}node fs01 {8}event socket, login and name$/m);
  assert.match(out, /^failed {3}node fs01 {8}mod_xml_cdr is not loaded: fs_cli -x 'load mod_xml_cdr'/m);
  assert.match(out, /^warning +node fs01 +mod_xml_curl waits for ever/m);
  assert.match(out, /^ok +node fs01 +asked for its directory \d+ s ago$/m);
  assert.match(out, /^ok +node fs01 +events and CDRs agree: 30 of 30 legs of the last hour have both$/m);
  assert.match(out, /^warning +node fs02 +has never asked for its directory/m);
  assert.match(out, /^failed +node fs02 +only 0 of 30 CDRs of the last hour had events/m);
  assert.match(out, /^failed {3}node fs02 {8}.+: see the runbooks NodeDown/m);
  assert.match(out, /^ok {7}database {9}has the schema of this release$/m);
  assert.match(out, /^failed {3}database {9}the replica does not answer/m);
  assert.match(out, /^(?:warning|failed) +kafka +(?:one replica only|has no topic)/m);

  assert.equal(statSync(bundle).mode & 0o777, 0o600);
  const content = gunzipSync(readFileSync(bundle)).toString();
  assert.ok(content.includes('"switchname": "fs01"'));
  assert.ok(!/planted/.test(content + out + err), 'no planted secret is in it');
  assert.ok(!content.includes(SECRETS.SECRETS_KEY));
});

test('doctor --json prints one finding a line; a database alone is enough for it to be well', async (t) => {
  const { connectionString, client } = await openFleet(t);
  await client.query('delete from nodes');
  const { out } = await switchfleet({ ...SECRETS, DATABASE_URL: connectionString }, '--json', 'doctor');
  const findings = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const database = findings.filter(({ about }) => about === 'database');
  assert.ok(
    database.some(({ result, says }) => result === 'ok' && says === 'has the schema of this release'),
  );
  assert.deepEqual(
    database.filter(({ says }) => /pooler|privilege|too old|clock/.test(says)),
    [],
  );
  assert.ok(findings.every(({ result, todo }) => (result === 'ok') === (todo === undefined)));
});

test('doctor of a database that is away says so in one line and goes on', async () => {
  const { out, code } = await switchfleet(
    { ...SECRETS, DATABASE_URL: 'postgres://user:planted-away@127.0.0.1:1/none' },
    'doctor',
  );
  assert.equal(code, 1);
  assert.match(out, /^failed {3}database {9}the database at 127\.0\.0\.1:1\/none cannot be used/m);
  assert.ok(!out.includes('planted'));
});

test('top shows calls, services and nodes', async (t) => {
  const { connectionString, client } = await openFleet(t);
  await client.query(
    `insert into service_status (instance, service, version, health, started_at, updated_at)
     values ('one', 'writer', '1.2.3', '{"ready": true, "reasons": []}', now(), now())`,
  );
  const { out, code } = await switchfleet({ ...SECRETS, DATABASE_URL: connectionString }, 'top', '--once');
  assert.equal(code, 0);
  assert.match(out, /^0 calls live; last minute: 0 calls ended, 0 CDRs; 0 rejects to look at$/m);
  assert.match(out, /^writer +one +yes +- +- +\d+ s ago +1\.2\.3$/m);
  assert.match(out, /^fs02 +active/m);
});

test('no form of a secret is left anywhere, and URLs lose their credentials', () => {
  const value = {
    'key hunter22': [
      'a hunter22 b',
      { deep: 'x=hunter%2F22&y', auth: Buffer.from('hunter22').toString('base64') },
    ],
    url: 'postgres://user:unknown@host/db',
    number: 7,
    nothing: null,
  };
  assert.deepEqual(redact(value, ['hunter22', 'hunter/22', '']), {
    'key [secret]': ['a [secret] b', { deep: 'x=[secret]&y', auth: '[secret]' }],
    url: 'postgres://[secret]@host/db',
    number: 7,
    nothing: null,
  });
});
