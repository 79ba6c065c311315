import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createClock } from '../../../libs/clock/clock.ts';
import { parseLookupForm } from '../../../libs/freeswitch/xml/form.ts';
import { NOT_FOUND } from '../../../libs/freeswitch/xml/not-found.ts';
import { addNode } from '../../../libs/provisioning/nodes.ts';
import { addUser } from '../../../libs/provisioning/users.ts';
import type { RegistrationEvent } from '../../../libs/records/registration.ts';
import { createSecretBox } from '../../../libs/sealing/secret-box.ts';
import { readLookups } from '../../../libs/store/node-lookups.sql.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createLastQuestions } from '../../../services/directory/last-questions.ts';
import { createDirectoryModel } from '../../../services/directory/model/directory-model.ts';
import { createDirectoryService } from '../../../services/directory/service.ts';
import { applyRegistrations } from '../../../services/merger/registrations.ts';
import { readAnsweredUser } from '../../support/directory/answered-user.ts';
import { provisionedDatabase, SECRETS_KEY } from '../../support/directory/provisioned.ts';
import { until } from '../../support/until.ts';

async function startDirectory(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'switchfleet-directory-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const { config, pool, database, defer } = await provisionedDatabase(t, { DATA_DIR: directory });
  await addUser(pool, { user: '1001', domain: 'lab.test', password: '1234' });
  const service = createDirectoryService({
    config,
    database,
    clock: createClock(),
    logger: createLogger({ service: 'directory', level: 'silent' }),
    metrics: createMetrics('directory'),
  });
  defer(() => service.stop());
  await service.start();
  return { pool, service, base: `http://127.0.0.1:${service.port}` };
}

function lookup(user: string, hostname = 'fs01'): string {
  return (
    `hostname=${hostname}&section=directory&tag_name=domain&key_name=name&key_value=lab.test` +
    `&Event-Name=REQUEST_PARAMS&action=sip_auth&key=id&user=${user}&domain=lab.test`
  );
}

async function post(base: string, body: string, { as = 'freeswitch:secret', type = FORM, path = PATH } = {}) {
  const answer = await fetch(`${base}${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': type, authorization: `Basic ${Buffer.from(as).toString('base64')}` },
  });
  return { status: answer.status, text: await answer.text() };
}
const FORM = 'application/x-www-form-urlencoded';
const PATH = '/freeswitch/directory';

test('an added user is answered with the digest of its password', async (t) => {
  const { base } = await startDirectory(t);
  const { status, text } = await post(base, lookup('1001'));
  assert.equal(status, 200);
  const ha1 = createHash('md5').update('1001:lab.test:1234').digest('hex');
  assert.equal(readAnsweredUser(text)?.params['a1-hash'], ha1);
  assert.deepEqual(await post(base, lookup('1999')), { status: 200, text: NOT_FOUND });
});

test('with the feed broken known users are answered and unknown ones get 503', async (t) => {
  const { base, pool } = await startDirectory(t);
  await pool.query('alter table config_change_floor rename to config_change_floor_away');
  await until('unknown is 503', async () => (await post(base, lookup('1999'))).status === 503, 5_000);
  const known = await post(base, lookup('1001'));
  assert.equal(readAnsweredUser(known.text)?.id, '1001');
  const ready = await fetch(`${base}/health/ready`);
  assert.equal(ready.status, 200, 'an old snapshot still answers');
  await pool.query('alter table config_change_floor_away rename to config_change_floor');
  await until('unknown is not found', async () => (await post(base, lookup('1999'))).status === 200, 5_000);
});

test('wrong credentials, a wrong content type, too much of anything: coded errors', async (t) => {
  const { base } = await startDirectory(t);
  const codeOf = async (...args: Parameters<typeof post>) => {
    const { status, text } = await post(...args);
    return `${status} ${JSON.parse(text).code}`;
  };
  assert.equal(await codeOf(base, lookup('1001'), { as: 'freeswitch:wrong' }), '401 not-authorised');
  assert.equal(await codeOf(base, lookup('1001'), { as: 'other:secret' }), '401 not-authorised');
  assert.equal(await codeOf(base, lookup('1001'), { as: 'freeswitch:' }), '401 not-authorised');
  assert.equal(await codeOf(base, '{}', { type: 'application/json' }), '415 invalid-media-type');
  assert.equal(await codeOf(base, `a=${'b'.repeat(2 * 1024 * 1024)}`), '413 body-too-large');
  assert.equal(await codeOf(base, 'a=b&'.repeat(10_000)), '400 too-many-fields');
  assert.equal(await codeOf(base, '', { path: '/freeswitch/other' }), '404 no-such-path');
  assert.deepEqual(await post(base, '%%%&&&==%zz'), { status: 200, text: NOT_FOUND });
});

test("a node's own credential is good for its own questions only", async (t) => {
  const { base, pool } = await startDirectory(t);
  // it greets us before anybody configured it
  await post(base, `${lookup('1001')}&FreeSWITCH-IPv4=192.0.2.11`);
  await post(base, lookup('1001', '<fs01>'));
  const greeted = async () => (await pool.query('select switchname, address from discovered_nodes')).rows;
  await until('it is written down', async () => (await greeted()).length > 0);
  assert.deepEqual(await greeted(), [{ switchname: 'fs01', address: '192.0.2.11' }]);
  const node = { switchname: 'fs01', eslHost: '127.0.0.11', eslPort: 8021, eslPassword: 'ClueCon' };
  const { username, password } = await addNode(pool, node, createSecretBox(SECRETS_KEY));
  const as = `${username}:${password}`;
  await until('it is known', async () => (await post(base, lookup('1001'), { as })).status === 200, 1_000);
  assert.equal((await post(base, lookup('1001', 'fs02'), { as })).status, 403);
  assert.equal((await post(base, lookup('1001'), { as: 'fs01:wrong' })).status, 401);
  assert.deepEqual(await greeted(), [], 'a node is no discovery');
});

test('when each configured node asked last is written down, and again when the database was away', async (t) => {
  const { pool, database } = await provisionedDatabase(t, {});
  await addNode(
    pool,
    { switchname: 'fs01', eslHost: '127.0.0.11', eslPort: 8021, eslPassword: 'ClueCon' },
    createSecretBox(SECRETS_KEY),
  );
  const feed = createDirectoryModel();
  for (const { table, put } of feed.handlers)
    if (table.name === 'nodes') put((await pool.query(`select ${table.select}`)).rows);
  const due: (() => void)[] = [];
  const clock = {
    ...createClock(),
    after: (_ms: number, run: () => void) => {
      due.push(run);
      return () => undefined;
    },
  };
  let isAway = true;
  const flaky = {
    query: (text: string, values: unknown[]) =>
      isAway ? Promise.reject(new Error('away')) : database.write.query(text, values),
  } as unknown as typeof pool;
  const logger = createLogger({ service: 'directory', level: 'silent' });
  const last = createLastQuestions({ pool: flaky, clock, logger });
  for (const body of [lookup('1001', 'FS01'), lookup('1001', 'stranger')]) {
    const form = parseLookupForm(body);
    assert.ok(form);
    last.note(form, feed);
  }
  assert.equal(due.length, 1, 'many questions are written at once');
  due.shift()?.();
  await until('it will try again', () => due.length === 1);
  assert.equal((await readLookups(pool)).size, 0);
  isAway = false;
  due.shift()?.();
  await until('it is written', async () => (await readLookups(pool)).size > 0);
  const seconds = [...(await readLookups(pool))];
  assert.equal(seconds[0]?.[0], 'fs01');
  assert.equal(seconds.length, 1);
  await last.stop();
});

test('a registration, a move and its end are in the dial-string within a second (I7)', async (t) => {
  const { base, pool } = await startDirectory(t);
  const box = createSecretBox(SECRETS_KEY);
  for (const [switchname, address] of [
    ['fs01', '127.0.0.11'],
    ['fs02', '127.0.0.12'],
  ] as const) {
    const sipUri = `sip:${address}:5060`;
    await addNode(pool, { switchname, eslHost: address, eslPort: 8021, eslPassword: 'x', sipUri }, box);
  }
  const event = (kind: 'register' | 'unregister', node: string, at_us: number): RegistrationEvent => ({
    v: 1,
    kind,
    node,
    core_uuid: 'core',
    at_us,
    user: '1001',
    domain: 'lab.test',
    contact: 'sip:1001@127.7.0.31',
    call_id: null,
    profile: 'internal',
    network_ip: '127.7.0.31',
    network_port: 5060,
    user_agent: null,
    expires_us: (Date.now() + 3_600_000) * 1000,
  });
  const body = lookup('1001').replace('sip_auth', 'user_call');
  const leadsTo = async (text: string) =>
    readAnsweredUser((await post(base, body)).text)?.params['dial-string']?.includes(text) === true;
  const now = Date.now() * 1000;
  await applyRegistrations(pool, [event('register', 'fs02', now)], []);
  await until('it leads to fs02', () => leadsTo('127.0.0.12'), 1_000);
  await applyRegistrations(
    pool,
    [event('unregister', 'fs02', now + 1), event('register', 'fs01', now + 2)],
    [],
  );
  await until('it is here', () => leadsTo('sofia_contact'), 1_000);
  await applyRegistrations(
    pool,
    [event('unregister', 'fs01', now + 3), event('register', 'fs02', now + 4)],
    [],
  );
  await until('it leads to fs02 again', () => leadsTo('127.0.0.12'), 1_000);
});

test('refused requests of one address are limited; good ones go on', async (t) => {
  const { base } = await startDirectory(t);
  const statuses = new Set<number>();
  for (let attempt = 0; attempt < 80; attempt += 1) {
    statuses.add((await post(base, lookup('1001'), { as: 'freeswitch:wrong' })).status);
  }
  assert.deepEqual([...statuses], [401, 429]);
  assert.equal((await post(base, lookup('1001'))).status, 200);
});
