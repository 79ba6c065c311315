import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import pg from 'pg';
import type { App } from '../../../../libs/http/app.ts';
import { createToken, hashToken, revokeToken } from '../../../../libs/provisioning/tokens.ts';
import { closeApp } from '../../../../services/api/access/gate.ts';
import { apiOver, testApi } from '../../../support/api/api.ts';
import { testDatabase } from '../../../support/stack/test-database.ts';
import { until } from '../../../support/until.ts';

test('a token opens what its role and scope allow, and nothing else', async (t) => {
  const { ask, token, pool } = await testApi(t);
  await pool.query(`insert into tenants (name) values ('acme')`);
  const [analyst, operator, admin, own] = await Promise.all([
    token('analyst'),
    token('operator'),
    token('admin'),
    token('admin', 'acme'),
  ]);
  await pool.query(
    `insert into nodes (switchname, esl_host, esl_password_encrypted) values ('fs01', '127.0.0.1', 'x')`,
  );
  const statuses = async (method: 'GET' | 'POST' | 'DELETE', url: string) => {
    const answers = [];
    for (const each of ['', 'wrong', analyst, operator, own, admin])
      answers.push((await ask(method, url, { token: each })).status);
    return answers;
  };
  assert.deepEqual(await statuses('GET', '/v1/calls'), [401, 401, 200, 200, 200, 200]);
  assert.deepEqual(await statuses('GET', '/v1/nodes'), [401, 401, 200, 200, 403, 200]);
  assert.deepEqual(await statuses('POST', '/v1/nodes/fs01/drain'), [401, 401, 403, 200, 403, 200]);
  assert.deepEqual(await statuses('DELETE', '/v1/nodes/fs01'), [401, 401, 403, 204, 403, 404]);
  assert.equal((await ask('DELETE', '/v1/tenants/x', { token: operator })).body.code, 'role-too-low');
  assert.equal((await ask('DELETE', '/v1/nodes/x', { token: own })).body.code, 'fleet-only');
});

test('a token is stored as a hash, and its use is noted', async (t) => {
  const { ask, token, pool } = await testApi(t);
  const made = await token('analyst');
  assert.match(made, /^sft_[\w-]{43}$/);
  const before = await pool.query('select t::text as text, token_hash, last_used_at from api_tokens t');
  assert.equal(before.rows[0].token_hash, hashToken(made));
  assert.ok(!before.rows[0].text.includes(made.slice(4)));
  assert.equal(before.rows[0].last_used_at, null);
  assert.equal((await ask('GET', '/v1/calls', { token: made })).status, 200);
  await until(
    'it is so',
    async () => (await pool.query('select last_used_at from api_tokens')).rows[0].last_used_at !== null,
  );
});

test('a token that is revoked or too old is refused within a second or so', async (t) => {
  const { ask, token, pool } = await testApi(t);
  const [revoked, old] = [await token('admin'), await token('admin')];
  for (const each of [revoked, old])
    assert.equal((await ask('GET', '/v1/calls', { token: each })).status, 200);
  const { rows } = await pool.query('select name from api_tokens where token_hash = $1', [
    hashToken(revoked),
  ]);
  await revokeToken(pool, rows[0].name);
  await assert.rejects(revokeToken(pool, rows[0].name), { code: 'not-found' });
  await pool.query(`update api_tokens set expires_at = now() - interval '1 second' where token_hash = $1`, [
    hashToken(old),
  ]);
  for (const each of [revoked, old])
    await until('it is so', async () => (await ask('GET', '/v1/calls', { token: each })).status === 401);
});

test('tokens are made of values that can be', async (t) => {
  const { pool } = await testApi(t);
  const base = { name: 'reporting', role: 'analyst', createdBy: 'test' };
  const { expiresAt } = await createToken(pool, { ...base, expiresInDays: 30 });
  assert.ok(expiresAt !== null && expiresAt.getTime() > Date.now() + 29 * 86_400_000);
  await assert.rejects(createToken(pool, base), { code: 'already-exists' });
  await assert.rejects(createToken(pool, { ...base, name: 'b', role: 'root' }), { code: 'value-refused' });
  await assert.rejects(createToken(pool, { ...base, name: 'b', tenant: 'none' }), { code: 'not-found' });
  await assert.rejects(createToken(pool, { ...base, name: 'b', expiresInDays: 0 }), {
    code: 'value-refused',
  });
});

test('guessing is slowed down, and a good token is not held up by it', async (t) => {
  const { ask, token } = await testApi(t, { failures: 3, requests: 1_000 });
  const good = await token('analyst');
  const seen = [];
  for (let i = 0; i < 5; i += 1) seen.push((await ask('GET', '/v1/calls', { token: `guess${i}` })).status);
  assert.deepEqual(seen, [401, 401, 401, 429, 429]);
  assert.equal((await ask('GET', '/v1/calls', { token: good })).status, 200);
});

test('who guesses is known by the address that a trusted proxy saw, and by nothing that a client writes itself', async (t) => {
  const { connectionString } = await testDatabase(t);
  const limits = { failures: 1, requests: 1_000 };
  const statuses = async (trustedProxies: string[] | undefined, addresses: string[]) => {
    const { ask } = apiOver(t, connectionString, limits, { trustedProxies });
    const seen = [];
    for (const address of addresses) {
      const headers = { 'x-forwarded-for': address };
      seen.push((await ask('GET', '/v1/calls', { token: 'guess', headers })).status);
    }
    return seen;
  };
  assert.deepEqual(await statuses(undefined, ['192.0.2.1', '192.0.2.2']), [401, 429]);
  assert.deepEqual(await statuses(['198.51.100.0/24'], ['192.0.2.1', '192.0.2.2']), [401, 429]);
  // the proxy adds the last address: what stands before it is the client's own word
  const behind = ['192.0.2.1', '192.0.2.2', '203.0.113.9, 192.0.2.1'];
  assert.deepEqual(await statuses(['127.0.0.0/8'], behind), [401, 401, 429]);
});

test('each token has a limit of its own, and is told when to come again', async (t) => {
  const { ask, token } = await testApi(t, { failures: 3, requests: 2 });
  const [busy, other] = [await token('analyst'), await token('analyst')];
  const answers = [];
  for (let i = 0; i < 3; i += 1) answers.push(await ask('GET', '/v1/calls', { token: busy }));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 429],
  );
  assert.equal(answers[2]?.body.code, 'too-many-requests');
  assert.ok(Number(answers[2]?.headers['retry-after']) > 0);
  assert.equal((await ask('GET', '/v1/calls', { token: other })).status, 200);
});

test('a route that does not say who may use it cannot be added', async () => {
  const app = Fastify() as unknown as App;
  const pool = new pg.Pool();
  closeApp(app, { bootstrapToken: 'x', pool, limits: { failures: 1, requests: 1 } });
  assert.throws(() => app.get('/v1/open', async () => 'all'), { code: 'access-undeclared' });
  await pool.end();
});
