import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testApi } from '../../../support/api/api.ts';

interface Previewed {
  item: Record<string, unknown> | null;
  before: { decision: { result: string } };
  after: { decision: { result: string } };
}

test('a change is shown by what it does to a call, and nothing of it is kept', async (t) => {
  const { ask, pool, token } = await testApi(t);
  const make = async (path: string, body: object) => {
    const { status, text } = await ask('POST', path, { body });
    assert.equal(status, 201, text);
  };
  await make('/v1/tenants', { name: 'acme', time_zone: 'Europe/Rome' });
  await make('/v1/domains', { name: 'a.test', tenant: 'acme' });
  await make('/v1/nodes', {
    ...{ switchname: 'fs01', esl_host: '127.0.0.1', esl_password: 'x', sip_uri: 'sip:127.0.0.11:5060' },
  });
  const question = { to: '+442071838750', domain: 'a.test' };
  const did = { did: '+442071838750', priority: 0 };
  const settings = { domain: 'a.test', dest_type: 'extension', destination: '1001' };
  const preview = async (body: object) => {
    const {
      status,
      text,
      body: answer,
    } = await ask('POST', '/v1/routing/preview/dids', { body: { question, ...body } });
    assert.equal(status, 200, text);
    const { item, before, after } = answer as unknown as Previewed;
    return { item, results: [before.decision.result, after.decision.result] };
  };
  const stored = async () => (await pool.query('select count(*)::integer from did_routing')).rows[0]?.count;
  const changes = async () =>
    (await pool.query('select count(*)::integer from config_changes')).rows[0]?.count;

  const before = await changes();
  const created = await preview({ create: { ...did, ...settings } });
  assert.equal(created.item?.['destination'], '1001');
  assert.equal(created.results[0], 'reject');
  assert.notEqual(created.results[1], 'reject');
  assert.deepEqual([await stored(), await changes()], [0, before]);

  await make('/v1/dids', { ...did, ...settings });
  const switchedOff = await preview({ key: did, change: { active: false } });
  assert.deepEqual(switchedOff.item?.['active'], false);
  assert.deepEqual(switchedOff.results.toReversed(), created.results);
  assert.deepEqual((await preview({ key: did })).item, null);
  assert.equal(await stored(), 1);

  for (const [body, status] of [
    [{ key: did, change: { destination: '' } }, 400],
    [{ key: did, change: { domain: 'nowhere.test' } }, 422],
    [{ create: { ...did, ...settings } }, 409],
    [{ key: { did: '+442071838751', priority: 0 }, change: { active: false } }, 404],
    [{ key: did, create: { ...did, ...settings } }, 400],
    [{}, 400],
  ] as const) {
    const answer = await ask('POST', '/v1/routing/preview/dids', { body: { question, ...body } });
    assert.equal(answer.status, status, answer.text);
  }
  const tenants = await token('operator', 'acme');
  const refused = await ask('POST', '/v1/routing/preview/dids', {
    body: { question, key: did },
    token: tenants,
  });
  assert.equal(refused.status, 403);
  const access = await ask('GET', '/v1/access', { token: tenants });
  assert.deepEqual([access.body['time_zones'], access.body['homer_url']], [['Europe/Rome'], null]);
});

test('how many contacts are registered on a node stands with the node', async (t) => {
  const { ask, pool } = await testApi(t);
  await ask('POST', '/v1/nodes', { body: { switchname: 'fs01', esl_host: '127.0.0.1', esl_password: 'x' } });
  await pool.query(`insert into registrations (domain, user_id, node, contact, registered_at, is_ended)
    values ('a.test', '1', 'fs01', 'sip:a', now(), false), ('a.test', '1', 'fs01', 'sip:b', now(), true),
      ('a.test', '1', 'fs02', 'sip:c', now(), false)`);
  const { body } = await ask('GET', '/v1/nodes');
  assert.deepEqual(
    body.items?.map(({ switchname, registrations }) => [switchname, registrations]),
    [['fs01', 1]],
  );
});
