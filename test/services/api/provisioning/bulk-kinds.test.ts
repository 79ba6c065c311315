import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, testApi } from '../../../support/api/api.ts';

const CSV = { 'content-type': 'text/csv' };

const figures = ({ body }: Answer) => {
  const report = (body['details'] === undefined ? body : (body['details'] as { report: unknown }).report) as {
    created: number;
    updated: number;
    unchanged: number;
    refused: number;
    errors: { line: number; field: string }[];
  };
  const { created, updated, unchanged, refused, errors } = report;
  return { created, updated, unchanged, refused, wrong: errors.map(({ line, field }) => [line, field]) };
};

test('a customer comes by four files: tenant, domain, users, groups; each goes out again as an import that changes nothing', async (t) => {
  const { ask, token } = await testApi(t);
  const send = async (kind: string, ...lines: string[]) =>
    figures(await ask('POST', `/v1/${kind}.csv`, { body: `${lines.join('\n')}\n`, headers: CSV }));
  const made = (created: number) => ({ created, updated: 0, unchanged: 0, refused: 0, wrong: [] });

  assert.deepEqual(await send('tenants', 'name,description,time_zone', 'acme,"=1+1",Europe/Rome'), made(1));
  assert.deepEqual(await send('domains', 'name,tenant,country', 'a.test,acme,IT', 'b.test,acme,'), made(2));
  assert.deepEqual(
    await send('users', 'domain,user_id,password', 'a.test,1001,secret-1', 'a.test,1002,secret-2'),
    made(2),
  );
  assert.deepEqual(await send('groups', 'domain,name,members', 'a.test,sales,1002 1001'), made(1));
  assert.deepEqual((await ask('GET', '/v1/groups/a.test/sales')).body['members'], ['1002', '1001']);

  for (const [kind, rows] of Object.entries({ tenants: 2, domains: 2, groups: 1 })) {
    const { text } = await ask('GET', `/v1/${kind}.csv`);
    const again = figures(await ask('POST', `/v1/${kind}.csv`, { body: text, headers: CSV }));
    assert.deepEqual(again, { ...made(0), unchanged: rows }, kind);
  }

  assert.deepEqual(
    await send('groups', 'domain,name,members', 'a.test,sales,1001', 'a.test,desk,1001 1009', 'c.test,x,'),
    {
      created: 0,
      updated: 1,
      unchanged: 0,
      refused: 2,
      wrong: [
        [3, 'members'],
        [4, 'domain'],
      ],
    },
  );
  assert.deepEqual(
    (await ask('GET', '/v1/groups/a.test/sales')).body['members'],
    ['1002', '1001'],
    'all or nothing',
  );

  // who may not make one by hand may not make one by a file
  const operator = await token('operator', 'acme');
  const refused = (kind: string, body: string, bearer: string) =>
    ask('POST', `/v1/${kind}.csv`, { body, headers: CSV, token: bearer });
  assert.equal((await refused('tenants', 'name\nevil\n', operator)).status, 403);
  assert.equal((await refused('domains', 'name,tenant\nc.test,acme\n', operator)).status, 403);
  const own = await refused('groups', 'domain,name,members\na.test,desk,1001\n', operator);
  assert.deepEqual(figures(own), made(1));
  const others = (await ask('GET', '/v1/tenants.csv', { token: operator })).text.trim().split('\r\n');
  assert.equal(others.length, 2, 'its own tenant only');
});
