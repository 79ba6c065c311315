import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { LightMyRequestResponse } from 'fastify';
import { createToken, revokeToken } from '../../../../libs/provisioning/tokens.ts';
import { createSignInLink } from '../../../../libs/sign-in/session.ts';
import { createLogger } from '../../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../../libs/telemetry/metrics.ts';
import { createApiApp } from '../../../../services/api/api-app.ts';
import { testDatabase } from '../../../support/stack/test-database.ts';
import { until } from '../../../support/until.ts';

/** What the console is told to show, where nothing is configured. */
const SHOWN = { time_zones: [], homer_url: null };

const TOKEN = 'administrator-token';

async function api(t: TestContext) {
  const { database } = await testDatabase(t);
  const pool = database.write;
  const app = createApiApp({
    token: TOKEN,
    pool,
    health: () => ({ ready: true, reasons: [] }),
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics: createMetrics('test'),
  });
  t.after(() => app.close());
  const signIn = (payload: object, headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url: '/console/session', payload, headers });
  return { app, pool, signIn };
}

/** `switchfleet_session=…` as the browser sends it back. */
const cookieOf = ({ headers }: LightMyRequestResponse) => String(headers['set-cookie']).split(';')[0] ?? '';
const codeOf = (response: LightMyRequestResponse) => response.json<{ code: string }>().code;

test('a token signs in; the cookie asks for it, no script can read it, no other site can send it', async (t) => {
  const { app, signIn } = await api(t);
  const signedIn = await signIn({ token: TOKEN });
  assert.equal(signedIn.statusCode, 201);
  const cookie = String(signedIn.headers['set-cookie']);
  assert.match(
    cookie,
    /^switchfleet_session=[0-9a-f]{64}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/,
  );
  assert.doesNotMatch(cookie + signedIn.body, new RegExp(TOKEN));

  const asked = await app.inject({ url: '/v1/access', headers: { cookie: cookieOf(signedIn) } });
  assert.deepEqual(asked.json(), { name: 'API_TOKEN', role: 'admin', tenant: null, ...SHOWN });
  const behindPassword = { cookie: cookieOf(signedIn), authorization: 'Basic b3BzOnNlY3JldA==' };
  assert.equal((await app.inject({ url: '/v1/access', headers: behindPassword })).statusCode, 200);
  const change = { method: 'POST', url: '/v1/tenants', payload: { name: 'alpha' } } as const;
  assert.equal(codeOf(await app.inject({ ...change, headers: behindPassword })), 'csrf-token-wrong');
  const bearer = { ...behindPassword, authorization: 'Bearer wrong' };
  assert.equal(codeOf(await app.inject({ url: '/v1/access', headers: bearer })), 'not-authorised');
  const behindTls = await signIn({ token: TOKEN }, { 'x-forwarded-proto': 'https' });
  assert.match(String(behindTls.headers['set-cookie']), /; Secure$/);
});

test('a wrong token signs nobody in, nor does a page of another site', async (t) => {
  const { app, pool, signIn } = await api(t);
  const refused = await signIn({ token: 'wrong' });
  assert.equal(codeOf(refused), 'not-authorised');
  assert.equal(refused.headers['www-authenticate'], undefined, 'a browser would ask for a password');
  assert.equal(codeOf(await signIn({})), 'link-spent');
  assert.equal(codeOf(await signIn({ token: TOKEN }, { 'sec-fetch-site': 'cross-site' })), 'other-site');
  assert.equal(codeOf(await signIn({ token: TOKEN }, { 'sec-fetch-site': 'same-site' })), 'other-site');
  const { rows } = await pool.query('select from console_sessions');
  assert.equal(rows.length, 0);
  for (const cookie of ['', `switchfleet_session=${'0'.repeat(64)}`, 'switchfleet_session=x']) {
    const headers = { cookie };
    assert.equal((await app.inject({ url: '/v1/calls', headers })).statusCode, 401, cookie);
    const told = await app.inject({ url: '/console/session', headers });
    assert.deepEqual([told.statusCode, told.body], [204, ''], cookie);
  }
});

test('refused sign-ins count against their address like refused requests', async (t) => {
  const { signIn } = await api(t);
  const codes = new Set<number>();
  for (let attempt = 0; attempt < 40; attempt += 1) codes.add((await signIn({ token: 'wrong' })).statusCode);
  assert.deepEqual([...codes], [401, 429]);
});

test('a link signs in once', async (t) => {
  const { pool, signIn } = await api(t);
  const link = await createSignInLink(pool, TOKEN);
  const both = await Promise.all([signIn({ link }), signIn({ link })]);
  assert.deepEqual(both.map(({ statusCode }) => statusCode).toSorted(), [201, 401]);
  assert.equal(codeOf(await signIn({ link })), 'link-spent');

  const late = await createSignInLink(pool, TOKEN);
  await pool.query(`update console_sessions set expires_at = now() where kind = 'link'`);
  assert.equal(codeOf(await signIn({ link: late })), 'link-spent');
});

test('what changes something needs the CSRF token of its own session', async (t) => {
  const { app, signIn } = await api(t);
  const [mine, other] = [await signIn({ token: TOKEN }), await signIn({ token: TOKEN })];
  const cookie = cookieOf(mine);
  const drain = (headers: Record<string, string>) =>
    app.inject({ method: 'POST', url: '/v1/nodes/nobody/drain', headers: { cookie, ...headers } });
  const csrfOf = (response: LightMyRequestResponse) => response.json<{ csrf_token: string }>().csrf_token;

  assert.equal(codeOf(await drain({})), 'csrf-token-wrong');
  assert.equal(codeOf(await drain({ 'x-csrf-token': csrfOf(other) })), 'csrf-token-wrong');
  assert.equal(codeOf(await drain({ 'x-csrf-token': csrfOf(mine) })), 'not-found');
  assert.equal(codeOf(await drain({ authorization: `Bearer ${TOKEN}` })), 'not-found');
  const told = await app.inject({ url: '/console/session', headers: { cookie } });
  assert.equal(csrfOf(told), csrfOf(mine));
});

test('signing out ends the session, not only the cookie; time ends it as well', async (t) => {
  const { app, pool, signIn } = await api(t);
  const [first, second] = [await signIn({ token: TOKEN }), await signIn({ token: TOKEN })];
  const ask = async (response: LightMyRequestResponse) =>
    (await app.inject({ url: '/v1/access', headers: { cookie: cookieOf(response) } })).statusCode;
  const signOut = (headers: Record<string, string>) =>
    app.inject({ method: 'DELETE', url: '/console/session', headers });

  assert.equal(codeOf(await signOut({ cookie: cookieOf(first) })), 'csrf-token-wrong');
  assert.equal(await ask(first), 200);
  const headers = {
    cookie: cookieOf(first),
    'x-csrf-token': first.json<{ csrf_token: string }>().csrf_token,
  };
  const out = await signOut(headers);
  assert.equal(out.statusCode, 204);
  assert.match(String(out.headers['set-cookie']), /^switchfleet_session=; Path=\/; Max-Age=0;/);
  assert.equal(await ask(first), 401);
  assert.equal(await ask(second), 200);

  await pool.query('update console_sessions set expires_at = now()');
  await until('the session is over', async () => (await ask(second)) === 401);
});

test('who signs in anew ends the session that the browser had, and no other', async (t) => {
  const { app, signIn } = await api(t);
  const [mine, other] = [await signIn({ token: TOKEN }), await signIn({ token: TOKEN })];
  const ask = async (response: LightMyRequestResponse) =>
    (await app.inject({ url: '/v1/access', headers: { cookie: cookieOf(response) } })).statusCode;
  assert.equal((await signIn({ token: 'wrong' }, { cookie: cookieOf(mine) })).statusCode, 401);
  assert.equal(await ask(mine), 200, 'a sign-in that fails ends nothing');
  const anew = await signIn({ token: TOKEN }, { cookie: cookieOf(mine) });
  assert.deepEqual([await ask(mine), await ask(anew), await ask(other)], [401, 200, 200]);
});

test('a session may what its token may, for as long as the token counts', async (t) => {
  const { app, pool, signIn } = await api(t);
  await pool.query(`insert into tenants (name) values ('acme')`);
  const made = await createToken(pool, { name: 'desk', role: 'analyst', tenant: 'acme', createdBy: 'test' });
  const signedIn = await signIn({ token: made.token });
  const ask = (url: string) => app.inject({ url, headers: { cookie: cookieOf(signedIn) } });
  assert.deepEqual((await ask('/v1/access')).json(), {
    name: 'desk',
    role: 'analyst',
    tenant: 'acme',
    ...SHOWN,
  });
  assert.equal(codeOf(await ask('/v1/nodes')), 'fleet-only');

  await revokeToken(pool, 'desk');
  await until('the token is refused', async () => (await ask('/v1/access')).statusCode === 401);
});

test('what is stored lets nobody in', async (t) => {
  const { pool, signIn } = await api(t);
  const signedIn = await signIn({ token: TOKEN });
  const { rows } = await pool.query<Record<string, string>>(
    'select hash, sealed_token from console_sessions',
  );
  const secret = cookieOf(signedIn).split('=')[1] ?? '';
  const stored = JSON.stringify(rows);
  assert.equal(stored.includes(secret) || stored.includes(TOKEN), false);
});
