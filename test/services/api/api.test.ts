import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import { callIdOf } from '../../../libs/calls/call-id.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createApiApp } from '../../../services/api/api-app.ts';
import { ADMIN, testApi } from '../../support/api/api.ts';
import { testDatabase } from '../../support/stack/test-database.ts';

const START_US = 1_795_207_890_123_456;
const TOKEN = 'administrator-token';

interface Body {
  items: Record<string, unknown>[];
  next_cursor: string | null;
  code: string;
  [field: string]: unknown;
}

async function api(t: TestContext, token: string | undefined = TOKEN) {
  const { connectionString } = await testDatabase(t);
  const pool = new pg.Pool({ connectionString, max: 3 });
  const app = createApiApp({
    token,
    pool,
    health: () => ({ ready: true, reasons: [] }),
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics: createMetrics('test'),
  });
  t.after(async () => {
    await app.close();
    await pool.end();
  });
  const get = async (url: string, authorization = `Bearer ${TOKEN}`) => {
    const response = await app.inject({ url, headers: { authorization } });
    return { status: response.statusCode, headers: response.headers, body: response.json<Body>() };
  };
  return { pool, app, get };
}

type Api = Awaited<ReturnType<typeof api>>;

/** One call of two legs that began `seconds` after START_US; gives its id. */
async function addCall({ pool }: Api, seconds: number, name: string): Promise<string> {
  const startUs = START_US + seconds * 1_000_000;
  const id = callIdOf({ start_us: startUs, uuid: `${name}-a` });
  const at = `'epoch'::timestamptz + $2 * interval '1 microsecond'`;
  await pool.query(
    `insert into calls (id, start_at, root_id, state, caller, callee, nodes, legs, answer_at, end_at, billsec, duration, disposition, digest)
     values ($1, ${at}, $1, 'finished', '1555013', '8122000', '{fs01,fs02}', $3, ${at} + interval '1 second',
       ${at} + interval '3.5 seconds', 2.5, 3.5, 'answered', '')`,
    [id, startUs, [`${name}-a`, `${name}-b`]],
  );
  // the second leg of the path began first by its own node's clock
  for (const [uuid, node, late] of [
    [`${name}-b`, 'fs02', 0],
    [`${name}-a`, 'fs01', 20_000],
  ] as const) {
    await pool.query(
      `insert into legs (uuid, start_at, call_id, node, direction, state, hangup_cause)
       values ($1, ${at}, $3, $4, 'inbound', 'ended', 'NORMAL_CLEARING')`,
      [uuid, startUs + late, id, node],
    );
  }
  return id;
}

test('without the right token there is nothing to see', async (t) => {
  const { get, app } = await api(t);
  for (const url of ['/v1/calls', '/v1/calls/x', '/v1/nodes']) {
    for (const authorization of ['', 'Bearer wrong', `Basic ${TOKEN}`, `Bearer ${TOKEN}x`]) {
      const { status, headers, body } = await get(url, authorization);
      assert.deepEqual([status, body.code], [401, 'not-authorised'], `${url} ${authorization}`);
      assert.match(String(headers['www-authenticate']), /^Bearer/);
      assert.match(String(headers['content-type']), /problem\+json/);
    }
  }
  assert.equal((await app.inject('/health/ready')).statusCode, 200);
});

test('no cache keeps what the api tells, and nobody guesses its type; the address alone leads to the pages', async (t) => {
  const own = await api(t);
  for (const [url, status] of [
    ['/v1/calls', 200],
    ['/v1/calls/nothing', 404],
  ] as const) {
    const answer = await own.get(url);
    assert.equal(answer.status, status);
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  }
  assert.equal((await own.get('/v1/calls', 'Bearer wrong')).headers['cache-control'], 'no-store');
  assert.equal((await own.app.inject('/console/session')).headers['cache-control'], 'no-store');
  const bare = await own.app.inject('/');
  assert.deepEqual([bare.statusCode, bare.headers.location], [302, '/console/']);
});

test('where no token is configured nobody comes in', async (t) => {
  const { pool: _pool, get } = await api(t, undefined);
  for (const token of ['', 'undefined', 'null'])
    assert.equal((await get('/v1/calls', `Bearer ${token}`)).status, 401);
});

test('calls come newest first, page by page, and no page shifts when calls arrive', async (t) => {
  const a = await api(t);
  const ids: string[] = [];
  for (let i = 0; i < 5; i += 1) ids.unshift(await addCall(a, i * 3_600, `call${i}`));
  const first = await a.get('/v1/calls?limit=2');
  assert.deepEqual(
    first.body.items.map(({ id }) => id),
    ids.slice(0, 2),
  );
  await addCall(a, 9 * 3_600, 'newest');
  const second = await a.get(`/v1/calls?limit=2&cursor=${first.body.next_cursor}`);
  const third = await a.get(`/v1/calls?limit=2&cursor=${second.body.next_cursor}`);
  assert.deepEqual(
    [...second.body.items, ...third.body.items].map(({ id }) => id),
    ids.slice(2),
  );
  assert.equal(third.body.next_cursor, null);
  assert.equal((await a.get('/v1/calls')).body.items.length, 6);
});

test('a call says what the store has, to the microsecond', async (t) => {
  const a = await api(t);
  const id = await addCall(a, 0, 'call');
  const { body } = await a.get('/v1/calls');
  const [call] = body.items;
  assert.equal(call?.['id'], id);
  assert.equal(call?.['start_us'], START_US);
  assert.equal(call?.['start_at'], '2026-11-20T20:51:30.123456Z');
  assert.equal(call?.['answer_at'], '2026-11-20T20:51:31.123456Z');
  assert.deepEqual(
    [call?.['nodes'], call?.['legs']],
    [
      ['fs01', 'fs02'],
      ['call-a', 'call-b'],
    ],
  );
  assert.deepEqual([call?.['billsec'], call?.['mos'], call?.['tenant']], [2.5, null, null]);
});

test('a call is found by its id, by a leg and by an id that was superseded, with its legs in order of the path', async (t) => {
  const a = await api(t);
  const id = await addCall(a, 0, 'call');
  const [older, oldest] = [-10, -20].map((s) =>
    callIdOf({ start_us: START_US + s * 1_000_000, uuid: 'gone' }),
  );
  for (const [alias, into] of [
    [oldest, older],
    [older, id],
  ]) {
    await a.pool.query(
      `insert into calls (id, start_at, root_id, state, merged_into, digest) values ($1::uuid, call_id_start($1::uuid), $1::uuid, 'finished', $2, '')`,
      [alias, into],
    );
  }
  for (const key of [id, 'call-a', 'call-b', older, oldest]) {
    const { status, body } = await a.get(`/v1/calls/${key}`);
    assert.deepEqual([status, body['id']], [200, id], key);
    const legs = body['legs'] as { uuid: string; node: string; start_at: string }[];
    assert.deepEqual(
      legs.map(({ uuid, node }) => [uuid, node]),
      [
        ['call-a', 'fs01'],
        ['call-b', 'fs02'],
      ],
    );
    assert.equal(legs[0]?.start_at, '2026-11-20T20:51:30.143456Z');
  }
  const list = await a.get('/v1/calls');
  assert.equal(list.body.items.length, 1, 'superseded ids are no calls');
});

test('what is not there, and what is no question, is said', async (t) => {
  const { get } = await api(t);
  for (const [url, status, code] of [
    ['/v1/calls/nobody', 404, 'call-not-found'],
    [`/v1/calls/${callIdOf({ start_us: START_US, uuid: 'x' })}`, 404, 'call-not-found'],
    ['/v1/calls/00000000-0000-0000-0000-000000000000', 404, 'call-not-found'],
    ['/v1/calls/ffffffff-ffff-ffff-ffff-ffffffffffff', 404, 'call-not-found'],
    ["/v1/calls/';drop%20table%20calls;--", 404, 'call-not-found'],
    ['/v1/calls/a%00b', 400, 'validation'],
    ['/v1/calls?cursor=nonsense', 400, 'cursor-invalid'],
    ['/v1/calls?cursor=____________________________', 400, 'cursor-invalid'],
    ['/v1/calls?cursor=_____________________w', 200, undefined],
    ['/v1/calls?cursor=AAAAAAAAAAAAAAAAAAAAAA', 200, undefined],
    ['/v1/calls?limit=0', 400, 'validation'],
    ['/v1/calls?limit=501', 400, 'validation'],
    ['/v1/nothing', 404, 'no-such-path'],
  ] as const) {
    const answer = await get(url);
    assert.deepEqual([answer.status, answer.body.code], [status, code], url);
  }
});

test('nodes say their state, why, and what they carry; a new one says nothing yet', async (t) => {
  const { pool, get } = await api(t);
  await pool.query(
    `insert into nodes (switchname, esl_host, esl_port, esl_password_encrypted)
     values ('fs02', '10.0.0.2', 8021, 'v1.secret'), ('fs01', '10.0.0.1', 8021, 'v1.secret')`,
  );
  const load = {
    v: 1,
    node: 'fs01',
    core_uuid: 'core',
    at_us: START_US,
    heartbeat_us: START_US,
    sessions: 12,
    max_sessions: 1000,
    sessions_per_second: 3,
    max_sessions_per_second: 30,
    idle_cpu: 93.4,
    uptime_ms: 19_971,
    version: '1.10.12-release~64bit',
    sessions_total: 40,
    sessions_peak: 15,
    trunks: { carrier: 7 },
  };
  await pool.query(
    `insert into node_status (node, state, reason, core_uuid, state_at, clock_offset_us, load)
     values ('fs01', 'live', 'follows the event stream', 'core', now(), -1200, $1)`,
    [load],
  );
  const { body } = await get('/v1/nodes');
  const [first, second] = body.items;
  assert.deepEqual(
    [first?.['switchname'], first?.['state'], first?.['reason']],
    ['fs01', 'live', 'follows the event stream'],
  );
  assert.equal(first?.['clock_offset_us'], -1200);
  const { v: _v, node: _node, ...figures } = load;
  assert.deepEqual(first?.['load'], figures);
  assert.deepEqual([second?.['switchname'], second?.['state'], second?.['load']], ['fs02', null, null]);
  assert.equal(JSON.stringify(body).includes('v1.secret'), false);
});

test('a search that ran out of time says so and never looks like an empty one', async (t) => {
  const { pool, get } = await api(t);
  await pool.query(
    `do $$ begin execute format('alter database %I set statement_timeout = 100', current_database()); end $$`,
  );
  const blocker = await pool.connect();
  await blocker.query('begin; lock table calls');
  // a connection that was opened after the limit was set
  const idle = await pool.connect();
  idle.release(true);
  const { status, body, headers } = await get('/v1/calls');
  await blocker.query('rollback');
  blocker.release();
  assert.deepEqual([status, body.code], [503, 'search-timed-out']);
  assert.match(String(headers['content-type']), /problem\+json/);
});

test('a database that is away is said as well', async (t) => {
  const { pool, get } = await api(t);
  pool.options.port = 1;
  delete pool.options.connectionString;
  pool.options.host = '127.0.0.1';
  const { status, body, headers } = await get('/v1/calls');
  assert.deepEqual([status, body.code, headers['retry-after']], [503, 'database-unavailable', '5']);
});

test('a question may be as long as the document lets its parts be', async (t) => {
  const { app } = await testApi(t);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const long = encodeURIComponent('\u{1d7cf}'.repeat(512));
  const url = `http://127.0.0.1:${port}/v1/calls?number=${long}&caller=${long}&callee=${long}&did=${long}`;
  assert.ok(url.length > 24_000);
  const answer = await fetch(url, { headers: { authorization: `Bearer ${ADMIN}` } });
  assert.deepEqual([answer.status, ((await answer.json()) as Body).items], [200, []]);
});
