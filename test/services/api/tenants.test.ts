import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testApi } from '../../support/api/api.ts';
import { fillPath, type Operation, readOperations } from '../../support/api/document.ts';
import { sampleOf } from '../../support/api/sample.ts';
import { makeFleet, makeWorld, type World } from '../../support/api/world.ts';

/** Tables that hold what somebody configured: nothing of another tenant's may differ afterwards. */
const TABLES = [
  'tenants',
  'domains',
  'users',
  'groups',
  'group_members',
  'did_routing',
  'trunks',
  'trunk_routing',
  'nodes',
  'proxies',
  'dispatch_sets',
  'api_tokens',
];

const ACCEPTED: Readonly<Record<string, string>> = { csv: 'text/csv', ndjson: 'application/x-ndjson' };

function valuesFor({ path }: Operation, paths: World['paths']): Readonly<Record<string, unknown>> {
  const [, begin = ''] = /^(\/v1\/[^/.{]+)/.exec(path) ?? [];
  return paths[begin] ?? {};
}

test("no route tells, changes or hints at another tenant's things, whichever way it is asked", async (t) => {
  const api = await testApi(t);
  const { ask, pool, token } = api;
  await makeWorld(api, 'alpha', 1);
  const bravo = await makeWorld(api, 'bravo', 2);
  const fleet = await makeFleet(api);
  const own = await token('admin', 'alpha');
  const operations = await readOperations(api);
  const state = async () => {
    const tables = TABLES.map(
      async (table) =>
        (await pool.query(`select t::text as row from ${table} t where t::text ~ 'bravo' order by 1`)).rows,
    );
    return JSON.stringify(await Promise.all(tables)).replace(/"last_used_at[^,]*/g, '');
  };
  const before = await state();
  let asked = 0;
  for (const operation of operations) {
    const { method, path, access, bodyType } = operation;
    // a stream has no end: live.test.ts listens to it as a tenant
    if (path === '/v1/live') continue;
    const url = fillPath(operation, valuesFor(operation, { ...fleet, ...bravo.paths }));
    const foreign = {
      domain: bravo.domain,
      tenant: bravo.tenant,
      trunk: 'bravo-trunk',
      did: '+442071838752',
    };
    const given =
      operation.body === undefined
        ? undefined
        : { ...(sampleOf(operation.body) as object), ...only(operation, foreign) };
    const body = bodyType !== undefined && bodyType !== 'application/json' ? fileOf(path, foreign) : given;
    const headers = bodyType === undefined ? {} : { 'content-type': bodyType };
    const answer = await ask(method, url, { token: own, headers, ...(body === undefined ? {} : { body }) });
    const words = `${method} ${url}: ${answer.status} ${answer.text.slice(0, 300)}`;
    asked += 1;
    if (access.tenant === 'fleet') {
      assert.equal(answer.status, 403, words);
      continue;
    }
    assert.ok(answer.status < 500, words);
    if (path.includes('{')) assert.equal(answer.status, 404, words);
    // what was asked comes back in words of its own; nothing else of the other tenant does
    const told = answer.text.replaceAll(
      /there is no (call, leg or call|call or leg|document of leg|domain|trunk|tenant|user)[^"]*/g,
      '',
    );
    assert.doesNotMatch(told, /bravo/, words);
  }
  assert.ok(asked > 60, `${asked} operations`);
  assert.equal(await state(), before);
});

test("what is not there and what is another tenant's are answered alike", async (t) => {
  const api = await testApi(t);
  const { ask, token } = api;
  await makeWorld(api, 'alpha', 1);
  const bravo = await makeWorld(api, 'bravo', 2);
  const own = await token('admin', 'alpha');
  for (const operation of await readOperations(api)) {
    const { method, path, access } = operation;
    if (access.tenant === 'fleet' || !path.includes('{') || method !== 'GET') continue;
    const values = valuesFor(operation, bravo.paths);
    const absent = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, altered(value)]));
    const [foreign, missing] = [
      await ask('GET', fillPath(operation, values), { token: own }),
      await ask('GET', fillPath(operation, absent), { token: own }),
    ];
    const shape = ({ status, text }: typeof foreign, from: object) =>
      `${status} ${Object.values(from)
        .filter((value) => String(value).length > 2)
        .reduce<string>((words, value) => words.replaceAll(String(value), '…'), text)}`;
    assert.equal(shape(foreign, values), shape(missing, absent), path);
  }
});

test('a tenant finds its call by its Call-ID, however often others took the same one', async (t) => {
  const api = await testApi(t);
  const { ask, pool, token } = api;
  const alpha = await makeWorld(api, 'alpha', 1);
  await makeWorld(api, 'bravo', 2);
  const own = await token('analyst', 'alpha');
  await pool.query(
    `insert into calls (id, start_at, root_id, state, tenant, tenants, legs, digest)
     select id, call_id_start(id), id, 'finished', 'bravo', '{bravo}', array['copy-' || n], '' from (
       select n, overlay(call_id_floor(now() + n * interval '1 s')::text placing '8' from 15 for 1)::uuid as id from generate_series(1, 30) as n) as made`,
  );
  await pool.query(
    `insert into legs (uuid, start_at, call_id, node, direction, state, tenant, sip_call_id)
     select legs[1], start_at, id, 'fs01', 'inbound', 'ended', 'bravo', 'alpha-call-id' from calls where legs[1] like 'copy-%'`,
  );
  const found = await ask('GET', '/v1/calls/alpha-call-id', { token: own });
  assert.deepEqual([found.status, found.body['id']], [200, alpha.paths['/v1/calls']?.['id']], found.text);
  const newest = await ask('GET', '/v1/calls/alpha-call-id');
  assert.deepEqual(newest.body['legs'], (await ask('GET', '/v1/calls/copy-30')).body['legs']);
  assert.doesNotMatch(found.text, /copy-|bravo/);
});

/** Another value of the same form. */
function altered(value: unknown): unknown {
  if (typeof value === 'number') return value + 7;
  return String(value)
    .replace('bravo', 'brava')
    .replace(/2$/, '9')
    .replace(/[0-9a-f]$/, (last) => (last === 'a' ? 'b' : 'a'));
}

function only({ body }: Operation, values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => body?.properties?.[name] !== undefined),
  );
}

/** A file that tries to make or change the other tenant's things. */
function fileOf(path: string, { domain, trunk, did }: Record<string, unknown>): string {
  const row: Record<string, unknown> = path.startsWith('/v1/users')
    ? { domain, user_id: '1001', caller_id_name: 'taken' }
    : path.startsWith('/v1/dids')
      ? { did, domain, dest_type: 'extension', destination: '9' }
      : { prefix: '44', domain, trunk };
  const format = path.split('.').at(-1) ?? '';
  assert.ok(ACCEPTED[format], path);
  return format === 'ndjson' ? JSON.stringify(row) : `${Object.keys(row)}\n${Object.values(row)}\n`;
}
