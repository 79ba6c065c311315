import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { Pool } from 'pg';
import { listen } from '../../../libs/http/listen.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createDirectoryApp } from '../../../services/directory/directory-app.ts';
import { directoryModelOf, domainRow, nodeRow, userRow } from '../../support/directory/lab-model.ts';
import { readRecordedLookups } from '../../support/directory/recorded-lookup.ts';
import { surroundingsOf } from '../../support/directory/surroundings.ts';
import { exchange } from '../../support/http/raw-exchange.ts';

const model = directoryModelOf({
  domains: [domainRow('lab.test')],
  users: [userRow('1001', 'lab.test')],
  nodes: [
    nodeRow('fs02', '192.0.2.12', { http_password_hash: createHash('sha256').update('own').digest('hex') }),
  ],
});

/** A directory without a database, and how many requests Fastify saw. */
async function startApp(t: TestContext) {
  const state = {
    isLoaded: true,
    isFresh: true,
    ageMs: 0,
    revision: 1,
    source: undefined,
    problem: undefined,
  };
  const app = createDirectoryApp({
    credentials: { username: 'freeswitch', password: 'secret' },
    snapshot: { model, state: () => state },
    surroundings: (asked) => surroundingsOf(asked, { newId: () => 'always-this' }),
    // nobody changes a password here
    pool: {} as Pool,
    notice: () => undefined,
    lastQuestions: { note: () => undefined },
    health: () => ({ ready: true, reasons: [] }),
    logger: createLogger({ service: 'directory', level: 'silent' }),
    metrics: createMetrics('directory'),
  });
  const seen = { byFastify: 0 };
  app.addHook('onRequest', async () => {
    seen.byFastify += 1;
  });
  t.after(() => app.close());
  return { state, seen, port: await listen(app, { host: '127.0.0.1', port: 0 }) };
}

const FORM = 'application/x-www-form-urlencoded';

interface Post {
  path?: string;
  as?: string | undefined;
  type?: string;
}

function post(body: string, { path = '/freeswitch', as = 'freeswitch:secret', type = FORM }: Post = {}) {
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: directory',
    ...(as === '' ? [] : [`Authorization: Basic ${btoa(as)}`]),
    `Content-Length: ${Buffer.byteLength(body)}`,
    `Content-Type: ${type}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

function lookup(user: string, hostname = 'fs01'): string {
  return (
    `hostname=${hostname}&section=directory&tag_name=domain&key_name=name&key_value=lab.test` +
    `&action=sip_auth&key=id&user=${user}&domain=lab.test`
  );
}

test('what is answered directly is what Fastify would answer, to the byte', async (t) => {
  const { port, seen } = await startApp(t);
  const recorded = readRecordedLookups().map(({ body }) => post(body));
  const own = [lookup('1001'), lookup('1999'), lookup('1001', 'fs02'), '%%%&&&==%zz', 'a=b&'.repeat(10_000)];
  const asNode = [lookup('1001', 'fs02'), lookup('1001', 'fs01')].map((body) =>
    post(body, { as: 'fs02:own' }),
  );
  const statuses = new Map<number, number>();
  for (const request of [...recorded, ...own.map((body) => post(body)), ...asNode]) {
    seen.byFastify = 0;
    const [direct] = await exchange(port, request);
    assert.equal(seen.byFastify, 0, 'it did not pass Fastify');
    // a charset changes nothing but the way
    const detour = request.replace(`Content-Type: ${FORM}`, `Content-Type: ${FORM}; charset=utf-8`);
    assert.deepEqual(direct, (await exchange(port, detour))[0], request.slice(0, 2_000));
    assert.equal(seen.byFastify, 1);
    statuses.set(direct?.status ?? 0, (statuses.get(direct?.status ?? 0) ?? 0) + 1);
  }
  assert.equal(statuses.get(400), 1, 'too many fields');
  assert.equal(statuses.get(403), 1, "another node's question");
  assert.equal(statuses.size, 3);
});

test('a form behind the path, as `method` GET sends it, gets the same answer', async (t) => {
  const { port } = await startApp(t);
  const get = (query: string) =>
    exchange(
      port,
      `GET /freeswitch/directory${query} HTTP/1.1\r\nHost: directory\r\nAuthorization: Basic ${btoa('freeswitch:secret')}\r\n\r\n`,
    );
  for (const user of ['1001', '1999']) {
    const [posted] = await exchange(port, post(lookup(user)));
    const [got] = await get(`?${lookup(user)}`);
    assert.equal(got?.status, 200);
    assert.equal(got.body, posted?.body);
  }
  assert.equal((await get(''))[0]?.status, 400);
  assert.equal((await get('?'))[0]?.status, 400);
});

test('a stale snapshot, and none at all, are refused alike both ways', async (t) => {
  const { port, state } = await startApp(t);
  for (const code of ['snapshot-stale', 'not-warmed-up']) {
    state.isFresh = false;
    state.isLoaded = code === 'snapshot-stale';
    const [direct] = await exchange(port, post(lookup('1999')));
    assert.equal(direct?.status, 503);
    assert.equal(JSON.parse(direct.body).code, code);
    assert(direct.headers.includes('retry-after: 1'));
    assert.deepEqual(direct, (await exchange(port, post(lookup('1999'), { type: `${FORM};a=b` })))[0]);
  }
});

test('nobody without good credentials gets past Fastify, and what is no plain form goes there', async (t) => {
  const { port, seen } = await startApp(t);
  const refused: [number, string][] = [
    [401, post(lookup('1001'), { as: 'freeswitch:wrong' })],
    [401, post(lookup('1001'), { as: 'fs02:wrong' })],
    [401, post(lookup('1001'), { as: '' })],
    [415, post(lookup('1001'), { type: 'application/json' })],
    [404, post(lookup('1001'), { path: '/freeswitch/other' })],
    [400, post('')],
    [413, post(`a=${'b'.repeat(1024 * 1024)}`)],
    [401, 'GET /freeswitch HTTP/1.1\r\nHost: directory\r\n\r\n'],
    [404, 'PUT /freeswitch HTTP/1.1\r\nHost: directory\r\nContent-Length: 0\r\n\r\n'],
  ];
  for (const [index, [status, request]] of refused.entries()) {
    const [answer] = await exchange(port, request);
    assert.equal(answer?.status, status, `request ${index}`);
    assert.equal(typeof JSON.parse(answer.body).code, 'string');
    assert.equal(seen.byFastify, index + 1);
  }
  assert.equal((await exchange(port, post(lookup('1001'), { path: '/freeswitch?a=b' })))[0]?.status, 200);
});
