import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import pg from 'pg';
import { decodeBody } from '../../../libs/freeswitch/cdr/cdr-body.ts';
import { createToken } from '../../../libs/provisioning/tokens.ts';
import type { CdrRecord } from '../../../libs/records/cdr-record.ts';
import { TOPICS } from '../../../libs/records/topics.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createApiApp } from '../../../services/api/api-app.ts';
import { xmlCdr } from '../../libs/freeswitch/cdr/xml-cdr.ts';
import { cdrStore } from '../../support/cdr-store.ts';
import { publishPosts } from '../../support/publish-posts.ts';
import { recordedPosts, uuidOf } from '../../support/recorded-cdrs.ts';
import { recordingBus } from '../../support/recording-bus.ts';
import type { Testing } from '../../support/stack/test-database.ts';

const TOKEN = 'administrator-token';
const posts = recordedPosts();
const first = posts[0] ?? assert.fail();

async function setUp(t: Testing) {
  const store = await cdrStore(t);
  const pool = new pg.Pool({ connectionString: store.connectionString, max: 2 });
  const logger = createLogger({ service: 'test', level: 'silent' });
  const health = () => ({ ready: true, reasons: [] });
  const bus = recordingBus();
  const openBus = async () => bus;
  const metrics = createMetrics('test');
  const app = createApiApp({ token: TOKEN, pool, health, logger, metrics, openBus });
  t.after(async () => {
    await app.close();
    await pool.end();
  });
  const get = (url: string, authorization = `Bearer ${TOKEN}`) =>
    app.inject({ url, headers: { authorization } });
  const post = (url: string, payload: object, token = TOKEN) =>
    app.inject({ method: 'POST', url, payload, headers: { authorization: `Bearer ${token}` } });
  return { store, get, post, bus, pool };
}

test('a document comes back byte for byte, as XML and as JSON, or decoded', async (t) => {
  const { store, get } = await setUp(t);
  const uuid = uuidOf(first);
  const both = posts.filter((post) => uuidOf(post) === uuid);
  await publishPosts(store.connectionString, both);
  await store.settled();
  for (const { body } of both) {
    const { format, document } = decodeBody(body);
    const answer = await get(`/v1/cdrs/${uuid}/document?format=${format}`);
    assert.ok(answer.rawPayload.equals(document), format);
    assert.match(String(answer.headers['content-type']), new RegExp(format));
    assert.match(String(answer.headers['content-security-policy']), /sandbox/);
  }
  const decoded = (await get(`/v1/cdrs/${uuid}/document?decoded=true`)).json();
  assert.equal(decoded.callflows[0].caller_profile.uuid, uuid);
  assert.equal((await get('/v1/cdrs/none/document')).json().code, 'document-not-found');
  assert.equal((await get(`/v1/cdrs/${uuid}/document`, 'Bearer wrong')).statusCode, 401);
});

test('a document that cannot be unpacked is told as such', async (t) => {
  const { store, get, pool } = await setUp(t);
  await publishPosts(store.connectionString, [first]);
  await store.settled();
  const path = `/v1/cdrs/${uuidOf(first)}/document`;
  await pool.query('update cdr_documents set dictionary = 1000');
  const missing = await get(path);
  assert.deepEqual([missing.statusCode, missing.json().code], [500, 'dictionary-missing']);
  await pool.query(`update cdr_documents set dictionary = null, body = 'torn'`);
  assert.deepEqual((await get(path)).json().code, 'document-damaged');
});

test('a document that this release does not read is told as such, and is there byte for byte', async (t) => {
  const { store, get, pool } = await setUp(t);
  await publishPosts(store.connectionString, [first]);
  await store.settled();
  const path = `/v1/cdrs/${uuidOf(first)}/document`;
  const torn = '{"variables":{"uuid":"x"';
  await pool.query(`update cdr_documents set dictionary = null, format = 'json', body_size = $2, body = $1`, [
    zstdCompressSync(torn),
    torn.length,
  ]);
  const decoded = await get(`${path}?decoded=true`);
  assert.deepEqual([decoded.statusCode, decoded.json().code], [422, 'cdr-truncated'], decoded.body);
  const whole = await get(path);
  assert.deepEqual([whole.statusCode, whole.body], [200, torn]);
});

test('rejects are listed by pages, newest first, and each is there with its bytes', async (t) => {
  const { store, get } = await setUp(t);
  const cut = [300, 400, 500].map((length) => ({ ...first, body: first.body.subarray(0, length) }));
  await publishPosts(store.connectionString, cut);
  await store.settled();
  const page = (await get('/v1/cdr-rejects?limit=2')).json();
  const rest = (await get(`/v1/cdr-rejects?limit=2&cursor=${page.next_cursor}`)).json();
  const bytes = [...page.items, ...rest.items].map((item: { bytes: number }) => item.bytes);
  assert.deepEqual([bytes.toSorted(), rest.next_cursor], [[300, 400, 500], null]);
  const one = (await get(`/v1/cdr-rejects/${page.items[0].id}`)).json();
  assert.equal(one.reason, 'cdr-truncated');
  assert.ok(Buffer.from(one.body_base64, 'base64').equals(first.body.subarray(0, one.bytes)));
  assert.deepEqual((await get('/v1/cdr-rejects?reason=cdr-differs')).json().items, []);
  assert.equal((await get('/v1/cdr-rejects/9')).json().code, 'reject-not-found');
  assert.equal((await get('/v1/cdr-rejects/x')).statusCode, 400);
});

test('rejects that somebody dated where no clock is are listed', async (t) => {
  const { store, get } = await setUp(t);
  for (const at of ['294276-12-31Z', 'infinity', '0044-03-15 BC'])
    await store.rows(
      `insert into cdr_rejects (reason, detail, path, received_at, last_received_at, body_sha256, body)
       values ($1::text, '', '/cdr', $1::timestamptz, $1::timestamptz, 'x', 'cut')`,
      [at],
    );
  const { items } = (await get('/v1/cdr-rejects')).json();
  const lastUs = Date.UTC(9999, 11, 31, 23, 59, 59) * 1000;
  assert.deepEqual(
    items.map((item: { received_us: number; last_received_us: number }) => [
      item.received_us,
      item.last_received_us,
    ]),
    [
      [0, 0],
      [lastUs, lastUs],
      [lastUs, lastUs],
    ],
  );
  assert.equal((await get(`/v1/cdr-rejects/${items[0].id}`)).json().received_us, 0);
  const { rejects } = (await get('/v1/system')).json();
  assert.deepEqual(
    rejects.map((reject: { last_received_at: string }) => reject.last_received_at).toSorted(),
    ['1970-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '9999-12-31T23:59:59Z'],
  );
});

test('a reject that loses to what is stored is not posted again', async (t) => {
  const { store, get, post, bus } = await setUp(t);
  const startUs = Date.UTC(2026, 10, 20) * 1000;
  const lasting = (us: number) => ({
    ...first,
    body: Buffer.from(xmlCdr({ uuid: 'twice', startUs, endUs: startUs + us })),
  });
  await publishPosts(store.connectionString, [lasting(4_000_000), lasting(9_000_000)]);
  await store.settled();
  const { id } = (await get('/v1/cdr-rejects?open=true')).json().items[0];
  const answer = (await post(`/v1/cdr-rejects/${id}/replay`, {})).json();
  assert.deepEqual([answer.outcome, answer.reason, answer.uuid], ['refused', 'cdr-differs', 'twice']);
  assert.equal(bus.published.length, 0);
  const text = lasting(10_000_000).body.toString();
  assert.equal((await post(`/v1/cdr-rejects/${id}/replay`, { text })).json().outcome, 'replayed');
});

test('a reject is read again, or what somebody made of it; who did is in the audit log', async (t) => {
  const { store, get, post, bus, pool } = await setUp(t);
  const cut = { ...first, body: first.body.subarray(0, 300) };
  await publishPosts(store.connectionString, [cut]);
  await store.settled();
  const { id } = (await get('/v1/cdr-rejects')).json().items[0];
  const replay = async (payload: object, token = TOKEN) =>
    (await post(`/v1/cdr-rejects/${id}/replay`, payload, token)).json();

  const again = await replay({});
  assert.deepEqual([again.outcome, again.uuid], ['refused', null]);
  assert.equal(bus.published.length, 0);

  const text = first.body.toString();
  const { token } = await createToken(pool, { name: 'night', role: 'operator', createdBy: 'test' });
  assert.equal((await replay({ text }, token)).code, 'role-too-low');
  bus.isAway = true;
  assert.equal((await replay({ text })).status, 503);
  bus.isAway = false;
  assert.deepEqual(await replay({ text }), {
    outcome: 'replayed',
    reason: null,
    detail: null,
    uuid: uuidOf(first),
  });
  const [record] = bus.values<CdrRecord>(TOPICS.cdrs);
  assert.equal(record?.cdr.uuid, uuidOf(first));
  assert.deepEqual((await get('/v1/cdr-rejects?open=true')).json().items, []);
  const audit = (await get('/v1/audit?resource=cdr-rejects')).json().items;
  assert.deepEqual(audit[0].after, { uuid: uuidOf(first), changed: true });
  assert.equal((await post('/v1/cdr-rejects/999999/replay', {})).statusCode, 404);
});
