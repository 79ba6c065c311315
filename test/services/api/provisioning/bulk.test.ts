import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { ADMIN, type Answer, testApi } from '../../../support/api/api.ts';
import { until } from '../../../support/until.ts';

const CSV = { 'content-type': 'text/csv' };
const NDJSON = { 'content-type': 'application/x-ndjson' };

interface Report {
  rows: number;
  created: number;
  updated: number;
  unchanged: number;
  refused: number;
  is_kept: boolean;
  errors: { line: number; field: string; reason: string }[];
}
const reportOf = ({ body }: Answer): Report =>
  (body['details'] === undefined ? body : (body['details'] as { report: unknown }).report) as Report;
const figures = ({ rows, created, updated, unchanged, refused, is_kept }: Report) => ({
  rows,
  created,
  updated,
  unchanged,
  refused,
  is_kept,
});

async function fleet(t: Parameters<typeof testApi>[0]) {
  const api = await testApi(t);
  await api.ask('POST', '/v1/domains', { body: { name: 'a.test', tenant: 'default', country: 'GB' } });
  await api.pool.query(`insert into tenants (name) values ('other')`);
  await api.ask('POST', '/v1/domains', { body: { name: 'other.test', tenant: 'other' } });
  return api;
}

test('users come and go as CSV: made, changed, and the export is an import that changes nothing', async (t) => {
  const { ask, pool } = await fleet(t);
  const file = [
    'domain,user_id,password,caller_id_name,allowed_cidrs,params,enabled',
    'a.test,1001,"secret, of 1001","O\'Brien, Jane",192.0.2.1/32 198.51.100.0/24,"{""timezone"":""Europe/London""}",yes',
    'a.test,1002,secret-1002,,,,no',
  ].join('\r\n');
  const made = await ask('POST', '/v1/users.csv', { body: `\ufeff${file}\r\n`, headers: CSV });
  assert.deepEqual(
    [made.status, figures(reportOf(made))],
    [200, { rows: 2, created: 2, updated: 0, unchanged: 0, refused: 0, is_kept: true }],
    made.text,
  );
  const one = (await ask('GET', '/v1/users/a.test/1001')).body;
  assert.deepEqual(
    [one['caller_id_name'], one['allowed_cidrs'], one['params'], one['enabled']],
    ["O'Brien, Jane", ['192.0.2.1/32', '198.51.100.0/24'], { timezone: 'Europe/London' }, true],
  );
  const digests = async () => (await pool.query('select ha1 from users order by user_id')).rows;
  const before = await digests();

  const exported = await ask('GET', '/v1/users.csv');
  assert.match(String(exported.headers['content-type']), /^text\/csv/);
  assert.doesNotMatch(exported.text, /ha1|,password,|secret|[0-9a-f]{32}/);
  const again = await ask('POST', '/v1/users.csv', { body: exported.text, headers: CSV });
  assert.deepEqual(
    figures(reportOf(again)),
    { rows: 2, created: 0, updated: 0, unchanged: 2, refused: 0, is_kept: true },
    again.text,
  );
  assert.deepEqual(await digests(), before, 'secrets stay');

  const changed = await ask('POST', '/v1/users.ndjson', {
    body: '{"domain":"a.test","user_id":"1002","enabled":true}\n\n',
    headers: NDJSON,
  });
  assert.equal(reportOf(changed).updated, 1, changed.text);
  assert.equal((await ask('GET', '/v1/users/a.test/1002')).body['enabled'], true);
});

test('a file with a wrong row changes nothing, and says which line, field and why; partial keeps the rest', async (t) => {
  const { ask, pool } = await fleet(t);
  const file = [
    'did,domain,dest_type,destination,description',
    '020 7183 8750,a.test,extension,1001,"=cmd|calc"',
    '+442071838751,nowhere.test,extension,1001,',
    '12,a.test,extension,1001,',
    '+442071838752,a.test,fax,1001,',
    '+442071838753,a.test,extension,1001,ok,more',
    '+442071838754,a.test,extension,1004,',
    '+442071838754,a.test,extension,1005,',
  ].join('\n');
  const count = async () => (await pool.query('select count(*)::int as n from did_routing')).rows[0].n;
  const whole = await ask('POST', '/v1/dids.csv', { body: file, headers: CSV });
  assert.deepEqual([whole.status, whole.body.code, await count()], [422, 'import-refused', 0]);
  assert.deepEqual(
    reportOf(whole)
      .errors.map(({ line, field }) => [line, field])
      .sort(),
    [
      [3, 'domain'],
      [4, 'did'],
      [5, 'dest_type'],
      [6, ''],
      [8, 'priority'],
    ],
  );
  const tried = await ask('POST', '/v1/dids.csv?partial=true&dry_run=true', { body: file, headers: CSV });
  assert.deepEqual(
    [tried.status, reportOf(tried).created, reportOf(tried).is_kept, await count()],
    [200, 2, false, 0],
  );
  const part = await ask('POST', '/v1/dids.csv?partial=true', { body: file, headers: CSV });
  assert.deepEqual(figures(reportOf(part)), {
    rows: 7,
    created: 2,
    updated: 0,
    unchanged: 0,
    refused: 5,
    is_kept: true,
  });
  const exported = await ask('GET', '/v1/dids.csv?domain=a.test');
  assert.match(exported.text, /'=cmd\|calc/, 'no spreadsheet runs it');
  assert.deepEqual(
    figures(reportOf(await ask('POST', '/v1/dids.csv', { body: exported.text, headers: CSV }))).unchanged,
    2,
  );
});

test('one number in two ways of writing is one thing: the second line is told, and nothing of it is lost', async (t) => {
  const { ask, pool } = await fleet(t);
  const did = (number: string, destination: string) =>
    JSON.stringify({ did: number, domain: 'a.test', dest_type: 'extension', destination });
  const send = (path: string, ...lines: string[]) =>
    ask('POST', path, { body: lines.join('\n'), headers: NDJSON });
  const stored = async () =>
    (await pool.query('select destination from did_routing')).rows.map((row) => row.destination);
  const twice = await send('/v1/dids.ndjson', did('+442071838750', '1'), did('020 7183 8750', '2'));
  assert.deepEqual(
    [twice.status, reportOf(twice).errors],
    [422, [{ line: 2, field: 'priority', reason: 'is on line 1 as well' }]],
  );
  await send('/v1/dids.ndjson', did('+442071838750', '1'));
  const again = await send(
    '/v1/dids.ndjson?partial=true',
    did('0044 20 7183 8750', '3'),
    did('+442071838750', '4'),
  );
  assert.deepEqual(
    figures(reportOf(again)),
    { rows: 2, created: 0, updated: 1, unchanged: 0, refused: 1, is_kept: true },
    again.text,
  );
  assert.deepEqual(await stored(), ['3']);
  const trunks = await send(
    '/v1/trunks.ndjson',
    '{"name":"Voice","host":"a.test"}',
    '{"name":"voice","host":"b.test"}',
  );
  assert.equal(reportOf(trunks).created, 2, 'names of trunks differ by case');
});

test("a tenant's file reaches its own domains only, and learns nothing of others", async (t) => {
  const { ask, token } = await fleet(t);
  const own = await token('operator', 'other');
  await ask('POST', '/v1/dids', {
    body: { did: '+442071838750', domain: 'a.test', dest_type: 'extension', destination: '1' },
  });
  const rows = (domain: string, did: string) =>
    `did,domain,dest_type,destination\n${did},${domain},extension,1\n`;
  const reasons = async (domain: string, did: string) =>
    reportOf(
      await ask('POST', '/v1/dids.csv', { body: rows(domain, did), headers: CSV, token: own }),
    ).errors.map(({ reason }) => reason);
  const [foreign, missing] = [
    await reasons('a.test', '+442071838759'),
    await reasons('b.test', '+442071838759'),
  ];
  assert.equal(String(foreign).replace('a.test', 'b.test'), String(missing), 'as if it were not there');
  assert.match(String(missing), /there is no domain b\.test/);
  const taken = await reasons('other.test', '+442071838750');
  assert.match(String(taken), /taken/);
  assert.doesNotMatch(String(taken), /a\.test|default/);
  const exported = await ask('GET', '/v1/dids.csv', { token: own });
  assert.equal(exported.text.trim().split('\n').length, 1, 'the header only');
  assert.equal(
    (await ask('POST', '/v1/trunks.csv', { body: 'name,host\nx,y.test\n', headers: CSV, token: own })).status,
    403,
  );
});

test('a file in another encoding than UTF-8 is refused by line and field, never stored as something else', async (t) => {
  const { ask } = await fleet(t);
  const latin = (text: string) => Buffer.from(text, 'latin1');
  const csv = latin(
    'domain,user_id,password,caller_id_name\na.test,1,pass-word,Zo\u00eb\na.test,2,caf\u00e9,Ann\n',
  );
  const refused = await ask('POST', '/v1/users.csv', { body: csv, headers: CSV });
  assert.deepEqual(
    reportOf(refused).errors.map(({ line, field }) => [line, field]),
    [
      [2, 'caller_id_name'],
      [3, 'password'],
    ],
  );
  assert.match(String(reportOf(refused).errors[0]?.reason), /not UTF-8/);
  const ndjson = latin('{"domain":"a.test","user_id":"1","password":"caf\u00e9"}\n');
  const lines = await ask('POST', '/v1/users.ndjson', { body: ndjson, headers: NDJSON });
  assert.deepEqual(
    reportOf(lines).errors.map(({ line, field }) => [line, field]),
    [[1, '']],
  );
  assert.deepEqual((lines.body['errors'] as { field: string }[])[0]?.field, 'line 1');
});

test('what is no file of ours is told at once', async (t) => {
  const { ask } = await fleet(t);
  const wrong = async (body: string, headers: Record<string, string> = CSV) => {
    const { status, body: told } = await ask('POST', '/v1/trunks.csv', { body, headers });
    return [status, told.code];
  };
  assert.deepEqual(await wrong('name,hosst\nx,y\n'), [422, 'value-refused']);
  for (const inherited of ['constructor', '__proto__', 'toString'])
    assert.deepEqual(await wrong(`name,host,${inherited}\nx,y.test,z\n`), [422, 'value-refused'], inherited);
  assert.deepEqual(await wrong('name,host\n"x,y\n'), [400, 'csv-invalid']);
  const semicolons = await ask('POST', '/v1/trunks.csv', { body: 'name;host\nx;y.test\n', headers: CSV });
  assert.match(String(semicolons.body['detail']), /separated by commas/);
  assert.deepEqual(await wrong('name,host\nx,y.test\n', { 'content-type': 'application/json' }), [
    400,
    'invalid-json-body',
  ]);
  assert.deepEqual(await wrong('{}', { 'content-type': 'application/json' }), [415, 'invalid-media-type']);
  assert.deepEqual(await wrong('x', { 'content-type': 'text/html' }), [415, 'invalid-media-type']);
});

test('thousands of rows go in by portions, and one that the database refuses is found among them', async (t) => {
  const { ask, pool } = await fleet(t);
  const users = Array.from({ length: 1_200 }, (_, index) => ({
    domain: 'a.test',
    user_id: `u${index}`,
    password: 'secret',
    ...(index === 777 ? { number_alias: 'u5x' } : {}),
    ...(index === 900 ? { number_alias: 'U5X' } : {}),
  }));
  const body = users.map((user) => JSON.stringify(user)).join('\n');
  const answer = await ask('POST', '/v1/users.ndjson?partial=true', { body, headers: NDJSON });
  assert.deepEqual(
    figures(reportOf(answer)),
    { rows: 1_200, created: 1_199, updated: 0, unchanged: 0, refused: 1, is_kept: true },
    answer.text.slice(0, 300),
  );
  assert.deepEqual(
    reportOf(answer).errors.map(({ line, field }) => [line, field]),
    [[901, 'number_alias']],
  );
  assert.equal((await pool.query('select count(*)::int as n from audit_log')).rows[0].n, 1_199 + 2);
  const pages = [];
  let cursor: unknown = null;
  do {
    const page: Answer = await ask(
      'GET',
      `/v1/users?limit=500&sort=-user_id${cursor === null ? '' : `&cursor=${cursor}`}`,
    );
    pages.push(...(page.body.items ?? []).map(({ user_id }) => String(user_id)));
    cursor = page.body['next_cursor'];
  } while (cursor !== null);
  assert.equal(new Set(pages).size, 1_199);
});

/** A file that is sent piece by piece over a socket. */
async function sending({ app }: Awaited<ReturnType<typeof fleet>>, path: string) {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const headers = {
    authorization: `Bearer ${ADMIN}`,
    'content-type': path.endsWith('csv') ? 'text/csv' : 'application/x-ndjson',
  };
  const outgoing = request({ host: '127.0.0.1', port, path, method: 'POST', headers });
  outgoing.on('error', () => undefined);
  const answered = once(outgoing, 'response').then(async ([response]) => {
    let text = '';
    for await (const piece of response) text += piece;
    return { status: response.statusCode as number, body: JSON.parse(text) as Report & { code?: string } };
  });
  answered.catch(() => undefined);
  const send = (text: string) => new Promise<void>((resolve) => outgoing.write(text, () => resolve()));
  return { outgoing, answered, send };
}

const openImports = `select count(*)::int as n from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`;

test('a file is read as it comes: nothing is locked meanwhile, and a client that goes away leaves nothing', async (t) => {
  const api = await fleet(t);
  const { ask, pool } = api;
  const row = (index: number) => `{"domain":"a.test","user_id":"u${index}","password":"secret"}\n`;
  await ask('POST', '/v1/users', { body: { domain: 'a.test', user_id: 'u1', password: 'secret' } });
  const isReading = () =>
    until('the file is being read', async () => (await pool.query(openImports)).rows[0].n === 1);

  const left = await sending(api, '/v1/users.ndjson');
  await left.send(Array.from({ length: 700 }, (_, index) => row(index)).join(''));
  await isReading();
  const meanwhile = await ask('PATCH', '/v1/users/a.test/u1', { body: { caller_id_name: 'Jane' } });
  assert.equal(meanwhile.status, 200, 'who sends slowly holds nobody up');
  left.outgoing.destroy();
  await until('nothing is left of it', async () => (await pool.query(openImports)).rows[0].n === 0);
  assert.equal((await pool.query('select count(*)::int as n from users')).rows[0].n, 1);

  const whole = await sending(api, '/v1/users.ndjson');
  await whole.send(row(1) + row(2).slice(0, 30));
  await isReading();
  await whole.send(`${row(2).slice(30)}{"user_id":"${'x'.repeat(70_000)}`);
  await whole.send(`${'x'.repeat(70_000)}"}\n${row(1)}${row(3)}`);
  whole.outgoing.end();
  const { status, body } = await whole.answered;
  assert.deepEqual([status, body.code], [422, 'import-refused']);
  const { errors } = (body as unknown as { details: { report: Report } }).details.report;
  assert.deepEqual(
    errors.map(({ line, field, reason }) => [line, field, reason]),
    [
      [3, '', 'is longer than 65536 bytes'],
      [4, 'user_id', 'is on line 1 as well'],
    ],
  );
});

test('a file that ends in the middle of it, or is no CSV any more, is answered on the connection it came by', async (t) => {
  const api = await fleet(t);
  const broken = await sending(api, '/v1/users.csv');
  await broken.send('domain,user_id,password\na.test,1001,secret\n');
  await broken.send('a.test,"1002"x,secret\n');
  const { status, body } = await broken.answered;
  assert.deepEqual([status, body.code], [400, 'csv-invalid']);
  broken.outgoing.destroy();
  assert.equal((await api.pool.query('select count(*)::int as n from users')).rows[0].n, 0);
});
