import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { testApi } from '../../../support/api/api.ts';

/** Each resource: what makes one, where it is then, a change, and a value that cannot be with the field it is told of. */
const LIFE: readonly {
  path: string;
  body: Record<string, unknown>;
  at: string;
  change: Record<string, unknown>;
  wrong: readonly [field: string, value: unknown];
}[] = [
  {
    path: 'tenants',
    body: { name: 'acme' },
    at: 'acme',
    change: { description: 'a customer' },
    wrong: ['description', 'a\u0085b'],
  },
  {
    path: 'domains',
    body: { name: 'Acme.Test', tenant: 'acme', country: 'GB' },
    at: 'acme.test',
    change: { area_code: '20' },
    wrong: ['tenant', 'nobody'],
  },
  {
    path: 'users',
    body: {
      domain: 'acme.test',
      user_id: '1001',
      password: 'secret-of-1001',
      caller_id_name: "Jane O'Brien",
    },
    at: 'acme.test/1001',
    change: { number_alias: '2001', params: { timezone: 'Europe/London' } },
    wrong: ['caller_id_name', `$${'{system(id)}'}`],
  },
  {
    path: 'groups',
    body: { domain: 'acme.test', name: 'sales', members: ['1001'] },
    at: 'acme.test/sales',
    change: { members: [] },
    wrong: ['members', ['1001', '9999']],
  },
  {
    path: 'dids',
    body: { did: '020 7183 8750', domain: 'acme.test', dest_type: 'extension', destination: '1001' },
    at: '+442071838750/0',
    change: { windows: [{ days: ['mon'], from: '08:00', to: '18:00' }], time_zone: 'Europe/London' },
    wrong: ['time_zone', 'Europe/Atlantis'],
  },
  {
    path: 'nodes',
    body: { switchname: 'fs01', esl_host: '192.0.2.11', esl_password: 'secret-of-fs01' },
    at: 'fs01',
    change: { max_sessions: 200 },
    wrong: ['esl_host', 'no host'],
  },
  {
    path: 'trunks',
    body: {
      name: 'carrier',
      host: 'sip.carrier.test',
      auth_username: 'us',
      auth_password: 'secret-of-carrier',
      headers: { 'P-Account': 'us' },
    },
    at: 'carrier',
    change: { max_channels: 30, inbound: ['198.51.100.7/24', '2001:db8::1/32'] },
    wrong: ['headers', { 'X-Switchfleet-Trunk': 'other' }],
  },
  {
    path: 'trunk-routes',
    body: { prefix: '+44', trunk: 'carrier', cost_per_minute: 0.0125 },
    at: '1',
    change: { weight: 3, domain: 'acme.test' },
    wrong: ['trunk', 'nobody'],
  },
  {
    path: 'proxies',
    body: { name: 'edge1', address: '192.0.2.5', rpc_url: 'http://kam:secret-of-edge@192.0.2.5/RPC' },
    at: 'edge1',
    change: { sip_port: 5080 },
    wrong: ['address', '300.0.2.5'],
  },
  {
    path: 'dispatch-sets',
    body: { set_id: 1, name: 'all', members: [{ node: 'fs01' }], dest_types: ['conference'] },
    at: '1',
    change: { members: [{ node: 'fs01', priority: 2, weight: 10 }] },
    wrong: ['node', [{ node: 'nobody' }]],
  },
  {
    path: 'caller-regions',
    body: { caller: '203.0.113.9/24', region: 'eu' },
    at: '203.0.113.0%2F24',
    change: { region: 'us' },
    wrong: ['region', undefined],
  },
  {
    path: 'region-fallbacks',
    body: { region: 'eu', fallback: 'us' },
    at: 'eu/us',
    change: { position: 2 },
    wrong: ['position', undefined],
  },
  {
    path: 'tokens',
    body: { name: 'reports', role: 'analyst' },
    at: 'reports',
    change: { role: 'operator' },
    wrong: ['expires_at', '9999-01-01T00:00:00Z'],
  },
];

test('everything that is configured is made, read, changed, replaced and removed over the api', async (t) => {
  const { ask, pool } = await testApi(t);
  for (const { path, body, at, change, wrong } of LIFE) {
    const made = await ask('POST', `/v1/${path}`, { body });
    assert.equal(made.status, 201, `${path}: ${made.text}`);
    assert.equal(
      decodeURIComponent(String(made.headers['location'])),
      decodeURIComponent(`/v1/${path}/${at}`),
    );
    const again = await ask('POST', `/v1/${path}`, { body });
    assert.equal(again.status, path === 'trunk-routes' ? 422 : 409, `${path} again: ${again.text}`);

    const got = await ask('GET', `/v1/${path}/${at}`);
    assert.equal(got.status, 200, `${path}: ${got.text}`);
    assert.equal(got.headers['etag'], made.headers['etag'], path);
    const changed = await ask('PATCH', `/v1/${path}/${at}`, {
      body: change,
      headers: { 'if-match': String(got.headers['etag']) },
    });
    assert.equal(changed.status, 200, `${path}: ${changed.text}`);
    assert.notEqual(changed.headers['etag'], got.headers['etag'], path);
    const stale = await ask('PATCH', `/v1/${path}/${at}`, {
      body: change,
      headers: { 'if-match': String(got.headers['etag']) },
    });
    assert.deepEqual([stale.status, stale.body.code], [412, 'version-differs'], path);
    const { current } = stale.body['details'] as { current: object };
    assert.deepEqual(current, (await ask('GET', `/v1/${path}/${at}`)).body, path);

    const list = await ask('GET', `/v1/${path}`);
    const isListed = list.body.items?.some((item) => isDeepStrictEqual(item, current));
    assert.ok(isListed, `${path}: ${list.text}`);
    assert.doesNotMatch(
      list.text + made.text.replace(/"(http_password|token)":"[^"]*"/, ''),
      /secret-of|[0-9a-f]{32}|v1\./,
      path,
    );

    const [field, value] = wrong;
    if (value !== undefined) {
      const bad = await ask('PATCH', `/v1/${path}/${at}`, {
        body: { [path === 'dispatch-sets' ? 'members' : field]: value },
      });
      assert.equal(bad.status, 422, `${path}: ${bad.text}`);
      assert.equal((bad.body['errors'] as { field: string }[])[0]?.field, field, bad.text);
      assert.deepEqual((await ask('GET', `/v1/${path}/${at}`)).body, current, `${path} stays`);
    }
  }
  const { rows } = await pool.query(
    `select resource, count(*)::int from audit_log where action = 'create' group by 1`,
  );
  assert.equal(rows.length, LIFE.length);
  const audit = await pool.query(`select string_agg(t::text, '') as text from audit_log t`);
  assert.doesNotMatch(audit.rows[0].text, /secret-of|sft_/);

  for (const { path, at, body } of LIFE.toReversed()) {
    if (path === 'tenants' || path === 'domains') continue;
    const rest = path === 'trunk-routes' ? { ...body, prefix: '4420' } : body;
    const replaced = await ask('PUT', `/v1/${path}/${at}`, {
      body: {
        ...rest,
        domain: path === 'dids' ? 'acme.test' : rest['domain'],
        did: path === 'dids' ? '+442071838750' : undefined,
      },
    });
    if (path !== 'caller-regions') assert.equal(replaced.status, 200, `${path}: ${replaced.text}`);
    assert.equal((await ask('DELETE', `/v1/${path}/${at}?dry_run=true`)).status, 204, path);
    assert.equal((await ask('DELETE', `/v1/${path}/${at}`)).status, 204, path);
    assert.equal((await ask('DELETE', `/v1/${path}/${at}`)).status, 404, path);
    assert.equal((await ask('GET', `/v1/${path}/${at}`)).status, 404, path);
    assert.equal((await ask('PATCH', `/v1/${path}/${at}`, { body: {} })).status, 404, path);
  }
});
