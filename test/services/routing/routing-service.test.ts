import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import { createClock } from '../../../libs/clock/clock.ts';
import { loadConfig } from '../../../libs/config/config.ts';
import { openDatabase } from '../../../libs/postgres/database.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createRoutingService, type RoutingService } from '../../../services/routing/service.ts';
import { fastestMs } from '../../support/fastest.ts';
import { testDatabase } from '../../support/stack/test-database.ts';
import { until } from '../../support/until.ts';

const CREDENTIALS = `Basic ${Buffer.from('kamailio:secret').toString('base64')}`;

interface Lab {
  service: RoutingService;
  sql: (text: string) => Promise<unknown>;
  ask: (path: string, init?: RequestInit) => Promise<{ status: number; body: Record<string, unknown> }>;
  dataDir: string;
  start: (url?: string, environment?: Record<string, string>) => Promise<Lab['service']>;
}

/** A routing service on a database of its own, with one domain, one DID, two nodes and a trunk. */
async function openLab(t: TestContext): Promise<Lab> {
  const { connectionString } = await testDatabase(t);
  const client = new pg.Client({ connectionString });
  await client.connect();
  const dataDir = await mkdtemp(join(tmpdir(), 'routing-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  t.after(() => client.end());
  const sql = (text: string) => client.query(text);
  await sql(SEED);

  async function start(
    url = connectionString,
    environment: Record<string, string> = {},
  ): Promise<RoutingService> {
    const config = loadConfig({
      DATABASE_URL: url,
      DATA_DIR: dataDir,
      KAMAILIO_PASSWORD: 'secret',
      ROUTING_PORT: '0',
      SECRETS_KEY: '11'.repeat(32),
      SNAPSHOT_INTERVAL_MS: '1000',
      ...environment,
    });
    const logger = createLogger({ service: 'routing', level: 'silent' });
    const database = openDatabase({ config, logger });
    const service = createRoutingService({
      config,
      clock: createClock(),
      logger,
      metrics: createMetrics('routing'),
      database,
    });
    t.after(async () => {
      await service.stop();
      await database.stop();
    });
    await service.start();
    return service;
  }

  const service = await start();
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: CREDENTIALS, ...init.headers };
    const response = await fetch(`http://127.0.0.1:${service.port}${path}`, { ...init, headers });
    const text = await response.text();
    assert.ok(!text.includes('\n'), 'an answer is one line');
    return { status: response.status, body: JSON.parse(text) };
  };
  return { service, sql, ask, dataDir, start };
}

const SEED = `
  insert into domains (name, tenant, country, area_code) values ('a.example', 'default', 'DE', '30');
  insert into nodes (switchname, esl_host, esl_password_encrypted, sip_uri) values
    ('fs01', '127.0.0.11', 'x', 'sip:127.0.0.11:5060'), ('fs02', '127.0.0.12', 'x', 'sip:127.0.0.12:5060');
  insert into did_routing (did, domain, dest_type, destination) values ('+49301234567', 'a.example', 'extension', '1001');
  insert into trunks (name, host) values ('world', '127.0.0.50');
  insert into trunk_routing (prefix, trunk) values ('', 'world');`;

test('every lookup answers, by GET and by POST, on one line', async (t) => {
  const { ask } = await openLab(t);
  const did = await ask('/routing/did/+49301234567?domain=a.example');
  assert.deepEqual([did.status, did.body['destination']], [200, '1001']);
  const escaped = await ask('/routing/did/%2B49301234567');
  assert.equal(escaped.body['destination'], '1001');
  const unknown = await ask('/routing/did/+4930999');
  assert.deepEqual(unknown, { status: 200, body: { result: 'reject', code: 404, reason: 'Not Found' } });
  const trunk = await ask('/routing/trunk/0040123456?domain=a.example&attempted=nobody');
  assert.equal((trunk.body['trunks'] as { trunk: string }[])[0]?.trunk, 'world');
  const node = await ask('/routing/node?domain=a.example&call_id=1');
  assert.match(String(node.body['sip_uri']), /^sip:127\.0\.0\.1[12]:5060$/);

  const form = {
    method: 'POST',
    body: 'to=%2B49301234567&from=x&call_id=c1',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  };
  const json = {
    method: 'POST',
    body: '{"to":"+49301234567","call_id":"c1"}',
    headers: { 'content-type': 'application/json' },
  };
  const routes = await Promise.all([
    ask('/kamailio/route?to=+49301234567&from=x&call_id=c1'),
    ask('/kamailio/route', form),
    ask('/kamailio/route', json),
  ]);
  for (const { status, body } of routes) {
    assert.deepEqual([status, body['result'], body['routing']], [200, 'route', 'serial']);
    assert.deepEqual(body['routes'], routes[0]?.body['routes']);
  }
  const why = await ask('/routing/explain?to=+49301234567');
  assert.ok((why.body['steps'] as unknown[]).length > 2);
});

test('a number may stand in a URI, or have the parameters that carriers put behind it', async (t) => {
  const { ask, sql } = await openLab(t);
  const written = [
    '+49301234567;npdi;rn=+4930999',
    'sip:+49301234567@192.0.2.1;user=phone',
    'tel:+49-30-1234567',
  ];
  for (const number of written.map(encodeURIComponent)) {
    assert.equal((await ask(`/routing/did/${number}`)).body['did'], '+49301234567', number);
    const { body } = await ask(`/routing/trunk/${number}?domain=a.example`);
    assert.equal(body['number'], '+49301234567', number);
  }
  await sql(
    `insert into trunk_routing (prefix, trunk, caller_prefix, prepend) values ('', 'world', '4930', '9')`,
  );
  const caller = encodeURIComponent('sip:+49301234567;isub=1@a.example');
  await until('the caller’s own route is found', async () => {
    const { body } = await ask(`/routing/trunk/+40123456?domain=a.example&caller=${caller}`);
    return (body['trunks'] as { number: string }[])[0]?.number === '940123456';
  });
});

test('nobody gets an answer without the credentials, and a wrong path is not a wrong number', async (t) => {
  const { ask } = await openLab(t);
  const wrong = { headers: { authorization: `Basic ${Buffer.from('kamailio:wrong').toString('base64')}` } };
  assert.equal((await ask('/routing/did/+49301234567', wrong)).status, 401);
  assert.equal((await ask('/routing/did/+49301234567', { headers: { authorization: '' } })).status, 401);
  const lower = { headers: { authorization: CREDENTIALS.replace('Basic', 'basic') } };
  assert.equal((await ask('/routing/did/+49301234567', lower)).status, 200);
  assert.equal((await ask('/routing/dids/+49301234567')).status, 404);
  assert.equal((await ask('/kamailio/route', { method: 'POST', body: '{' })).status, 400);
});

test('a committed change is answered within a second, of every table', async (t) => {
  const { ask, sql } = await openLab(t);
  const within = (what: string, condition: () => Promise<boolean>) => until(what, condition, 1_000);
  await sql(`update did_routing set destination = '1002'`);
  await within(
    'the DID changed',
    async () => (await ask('/routing/did/+49301234567')).body['destination'] === '1002',
  );
  await sql(`update nodes set state = 'draining' where switchname = 'fs01'`);
  await within('fs01 drains', async () => {
    const { body } = await ask('/routing/node?call_id=2');
    return (
      JSON.stringify(body['left_out']) === '[{"name":"fs01","reason":"draining"}]' && body['node'] === 'fs02'
    );
  });
  await sql(`insert into registrations (domain, user_id, node, contact, registered_at) values ('a.example', '1002', 'fs02', 'sip:x', now());
    insert into users (domain, user_id, ha1, ha1b) values ('a.example', '1002', md5(''), md5(''));
    select config_change('registrations', 'a.example', array['1002'])`);
  await within('1002 is registered on fs02', async () => {
    const { body } = await ask('/kamailio/route?to=1002&domain=a.example');
    return body['kind'] === 'local' && (body['routes'] as { node: string }[])[0]?.node === 'fs02';
  });
  await sql(`delete from trunk_routing`);
  await within(
    'there is no way out',
    async () => (await ask('/routing/trunk/+40123456?domain=a.example')).body['result'] === 'reject',
  );
});

test('without the database it goes on, and starts from its copy on disk', async (t) => {
  const { ask, start, service, dataDir } = await openLab(t);
  const copy = join(dataDir, 'snapshots', 'routing.snapshot');
  await until('the copy is written', () =>
    stat(copy).then(
      () => true,
      () => false,
    ),
  );
  assert.equal((await ask('/routing/did/+49301234567')).body['result'], 'route');
  const away = await start('postgres://nobody@127.0.0.1:1/none');
  const response = await fetch(`http://127.0.0.1:${away.port}/routing/did/+49301234567`, {
    headers: { authorization: CREDENTIALS },
  });
  assert.equal(((await response.json()) as { destination: string }).destination, '1001');
  assert.notEqual(away.port, service.port);
});

test('while no node is heard calls go on, marked as degraded, and a metric rises', async (t) => {
  const { start } = await openLab(t);
  const { port } = await start(undefined, { ROUTING_STALE_MS: '1000' });
  const ask = async (path: string) =>
    (await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: CREDENTIALS } })).text();
  const route = '/kamailio/route?to=%2B49301234567&call_id=c1';
  await until('the silence is noticed', async () => JSON.parse(await ask(route)).degraded === true);
  const answer = JSON.parse(await ask(route));
  assert.deepEqual([answer.result, answer.routes.length], ['route', 2]);
  const rose = /^switchfleet_routing_degraded_total(?:\{[^}]*\})? ([1-9]\d*)$/m;
  assert.match(await ask('/metrics'), rose);
});

test('it listens before it knows anything, and says 503 at once until then', async (t) => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => silent.close());
  const { port } = silent.address() as AddressInfo;
  const config = loadConfig({
    DATABASE_URL: `postgres://nobody@127.0.0.1:${port}/none`,
    DATABASE_TIMEOUT_MS: '5000',
    KAMAILIO_PASSWORD: 'secret',
    ROUTING_PORT: '0',
  });
  const logger = createLogger({ service: 'routing', level: 'silent' });
  const database = openDatabase({ config, logger });
  const metrics = createMetrics('routing');
  const service = createRoutingService({ config, clock: createClock(), logger, metrics, database });
  const started = service.start();
  await until('it listens', () => service.port !== 0);
  const tookMs = await fastestMs(1_000, async () => {
    const response = await fetch(`http://127.0.0.1:${service.port}/routing/did/+49301234567`, {
      headers: { authorization: CREDENTIALS },
    });
    assert.equal(response.status, 503);
    assert.equal(((await response.json()) as { code: string }).code, 'not-warmed-up');
  });
  assert.ok(tookMs < 1_000, `${tookMs} ms`);
  assert.equal(service.health().ready, false);
  await assert.rejects(started, { code: 'snapshot-unavailable' });
  await service.stop();
  await database.stop();
});
