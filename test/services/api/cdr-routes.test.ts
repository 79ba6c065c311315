import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { decodeBody } from '../../../libs/freeswitch/cdr/cdr-body.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createApiApp } from '../../../services/api/api-app.ts';
import { cdrStore } from '../../support/cdr-store.ts';
import { publishPosts } from '../../support/publish-posts.ts';
import { recordedPosts, uuidOf } from '../../support/recorded-cdrs.ts';
import type { Testing } from '../../support/stack/test-database.ts';

const TOKEN = 'administrator-token';
const posts = recordedPosts();
const first = posts[0] ?? assert.fail();

async function setUp(t: Testing) {
  const store = await cdrStore(t);
  const pool = new pg.Pool({ connectionString: store.connectionString, max: 2 });
  const logger = createLogger({ service: 'test', level: 'silent' });
  const health = () => ({ ready: true, reasons: [] });
  const app = createApiApp({ token: TOKEN, pool, health, logger, metrics: createMetrics('test') });
  t.after(async () => {
    await app.close();
    await pool.end();
  });
  const get = (url: string, authorization = `Bearer ${TOKEN}`) =>
    app.inject({ url, headers: { authorization } });
  return { store, get };
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
