import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { callIdOf } from '../../../libs/calls/call-id.ts';
import { createToken } from '../../../libs/provisioning/tokens.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createApiApp } from '../../../services/api/api-app.ts';
import { xmlCdr } from '../../libs/freeswitch/cdr/xml-cdr.ts';
import { cdrStore } from '../../support/cdr-store.ts';
import { publishPosts } from '../../support/publish-posts.ts';
import { recordedPosts } from '../../support/recorded-cdrs.ts';
import type { Testing } from '../../support/stack/test-database.ts';

const UUID = 'c0ffee00-0000-4000-8000-000000000001';
const FIRST_US = Date.UTC(2026, 10, 20, 12) * 1000;
/** within the time that the first call may still be going on */
const SECOND_US = FIRST_US + 600_000_000;
const [post] = recordedPosts();

interface Leg {
  startUs: number;
  tenant: string;
  callId: string;
}

async function setUp(t: Testing) {
  const store = await cdrStore(t);
  const pool = new pg.Pool({ connectionString: store.connectionString, max: 2 });
  const logger = createLogger({ service: 'test', level: 'silent' });
  const health = () => ({ ready: true, reasons: [] });
  const app = createApiApp({ token: 'administrator', pool, health, logger, metrics: createMetrics('test') });
  t.after(async () => {
    await app.close();
    await pool.end();
  });
  await pool.query(`insert into tenants (name) values ('alpha'), ('beta')`);
  const tokens = new Map<string, string>([['admin', 'administrator']]);
  for (const tenant of ['alpha', 'beta']) {
    const made = await createToken(pool, { name: tenant, role: 'analyst', tenant, createdBy: 'test' });
    tokens.set(tenant, made.token);
  }
  const get = (who: string, url: string) =>
    app.inject({ url, headers: { authorization: `Bearer ${tokens.get(who)}` } });
  return { store, pool, get };
}

const cdr = (startUs: number, said: string) => ({
  ...(post ?? assert.fail()),
  body: Buffer.from(xmlCdr({ uuid: UUID, startUs, variables: [['said', said]] })),
});

/** As the merger stores it: the call's id begins with its start. */
async function storeLeg(pool: pg.Pool, { startUs, tenant, callId }: Leg): Promise<void> {
  const at = `timestamptz 'epoch' + $2::bigint * interval '1 microsecond'`;
  await pool.query(
    `insert into legs (uuid, start_at, call_id, node, direction, state, tenant, domain)
     values ($1, ${at}, $3, 'fs01', 'inbound', 'ended', $4, $4)`,
    [UUID, startUs, callId, tenant],
  );
  await pool.query(
    `insert into calls (id, start_at, root_id, legs, nodes, tenant, tenants, state, digest)
     values ($1, call_id_start($1), $1, array[$2], '{fs01}', $3, array[$3], 'finished', '')`,
    [callId, UUID, tenant],
  );
  await pool.query(
    `insert into leg_events (uuid, at, sequence, core_uuid, node, event_name, headers)
     select $1, ${at} + s * interval '1 second', s, 'core', 'fs01', $3 || s, '{}' from generate_series(-1, 1) s`,
    [UUID, startUs, tenant],
  );
}

const callIdAt = (start_us: number) => callIdOf({ uuid: UUID, start_us });

test('of two legs with one uuid a tenant sees its own, with its own document, events and CDRs', async (t) => {
  const { store, pool, get } = await setUp(t);
  await publishPosts(store.connectionString, [cdr(FIRST_US, 'alpha only')]);
  await store.settled();
  const [alpha, beta] = [callIdAt(FIRST_US), callIdAt(SECOND_US)];
  await storeLeg(pool, { startUs: FIRST_US, tenant: 'alpha', callId: alpha });
  await storeLeg(pool, { startUs: SECOND_US, tenant: 'beta', callId: beta });
  const path = `/v1/cdrs/${UUID}/document`;
  assert.equal((await get('beta', path)).statusCode, 404, 'its own CDR has not come yet');
  await publishPosts(store.connectionString, [cdr(SECOND_US, 'beta only')]);
  await store.settled();
  for (const query of ['', '?format=xml', '?start=2026-11-20T12:00:00Z', '?format=json'])
    assert.doesNotMatch((await get('beta', path + query)).payload, /alpha only/, query);
  assert.match((await get('alpha', path)).payload, /alpha only/);
  assert.match((await get('beta', path)).payload, /beta only/);
  assert.equal((await get('beta', path)).headers['link'], undefined, 'of the other it hears nothing');

  for (const [who, id] of [
    ['alpha', alpha],
    ['beta', beta],
  ] as const) {
    const call = (await get(who, `/v1/calls/${id}`)).json();
    assert.deepEqual(
      call.timeline.map(({ event_name }: { event_name: string }) => event_name),
      [-1, 0, 1].map((second) => `${who}${second}`),
    );
    assert.deepEqual(
      call.legs.map(({ tenant, domain }: { tenant?: string; domain: string }) => tenant ?? domain),
      [who],
    );
    assert.equal(call.cdrs.length, 1);
    assert.match((await get(who, call.cdrs[0].url)).payload, new RegExp(`${who} only`));
    assert.match((await get('admin', call.cdrs[0].url)).payload, new RegExp(`${who} only`));
  }
});

test('a document is that of the nearest leg, where legs of two tenants began within the tolerance', async (t) => {
  const { store, pool, get } = await setUp(t);
  const later = FIRST_US + 1_500_000;
  await storeLeg(pool, { startUs: FIRST_US, tenant: 'alpha', callId: callIdAt(FIRST_US) });
  await storeLeg(pool, { startUs: later, tenant: 'beta', callId: callIdAt(later) });
  await publishPosts(store.connectionString, [cdr(FIRST_US, 'alpha only')]);
  await store.settled();
  assert.equal((await get('beta', `/v1/cdrs/${UUID}/document`)).statusCode, 404);
  assert.match((await get('alpha', `/v1/cdrs/${UUID}/document`)).payload, /alpha only/);
  assert.deepEqual((await get('beta', `/v1/calls/${UUID}`)).json().cdrs, []);
});

test('the latest leg is meant, or the one whose start is named; the answer says that there are others', async (t) => {
  const { store, get } = await setUp(t);
  await publishPosts(store.connectionString, [cdr(FIRST_US, 'first'), cdr(SECOND_US, 'second')]);
  await store.settled();
  const path = `/v1/cdrs/${UUID}/document`;
  const latest = await get('admin', path);
  assert.match(latest.payload, /second/);
  const link = `${path}?start=2026-11-20T12:00:00.000000Z`;
  assert.equal(latest.headers['link'], `<${link}>; rel="alternate"`);
  assert.match((await get('admin', link)).payload, /first/);
  assert.equal((await get('admin', `${path}?start=2026-11-20T12:05:00Z`)).statusCode, 404);
  assert.equal((await get('admin', `${path}?start=soon`)).statusCode, 400);
});
