import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeItem } from '../../../../libs/provisioning/resource/service.ts';
import { TRUNK_ROUTES } from '../../../../libs/provisioning/resources/trunk-routes.ts';
import { createSecretBox } from '../../../../libs/sealing/secret-box.ts';
import { testApi } from '../../../support/api/api.ts';
import { makeWorld } from '../../../support/api/world.ts';
import { until } from '../../../support/until.ts';

test('changes over the api', async (t) => {
  const api = await testApi(t);
  const { ask, pool, token } = api;
  await makeWorld(api, 'alpha', 1);
  await makeWorld(api, 'bravo', 2);
  const own = await token('operator', 'alpha');
  const user = (id: string, more = {}) => ({
    domain: 'alpha.test',
    user_id: id,
    password: 'secret',
    ...more,
  });
  const count = async () =>
    (await pool.query(`select count(*)::int as n from users where domain = 'alpha.test'`)).rows[0].n;

  await t.test('a create that is sent again gives the same answer, once done', async () => {
    const headers = { 'idempotency-key': 'key-1' };
    const before = await count();
    const [first, twin] = await Promise.all([
      ask('POST', '/v1/users', { body: user('2001'), headers }),
      ask('POST', '/v1/users', { body: user('2001'), headers }),
    ]);
    const later = await ask('POST', '/v1/users', { body: user('2001'), headers });
    assert.deepEqual([first.status, twin.status, later.status], [201, 201, 201], twin.text);
    assert.deepEqual([twin.body, later.body], [first.body, first.body]);
    assert.equal(await count(), before + 1);
    const other = await ask('POST', '/v1/users', { body: user('2002'), headers });
    assert.deepEqual([other.status, other.body.code], [422, 'idempotency-key-reused']);
    const foreign = await ask('POST', '/v1/users', { body: user('2003'), headers, token: own });
    assert.equal(foreign.status, 201, 'keys belong to tokens');
    assert.equal((await ask('POST', '/v1/users', { body: user('2001') })).status, 409);
  });

  await t.test('of equal trunk routes that come together, one is made', async () => {
    const body = { prefix: '4479', domain: 'alpha.test', trunk: 'alpha-trunk' };
    const made = { status: 0 };
    const waits = `select count(*)::int as n from pg_locks where not granted and locktype = 'advisory'`;
    const box = () => createSecretBox('0'.repeat(64));
    const author = { actor: 'test', role: 'admin', tenant: undefined, box } as const;
    let second: Promise<unknown> = Promise.resolve();
    await writeItem(pool, TRUNK_ROUTES, body, {
      author,
      mode: 'create',
      onChanged: async () => {
        second = ask('POST', '/v1/trunk-routes', { body }).then(({ status }) =>
          Object.assign(made, { status }),
        );
        await until('it waits', async () => made.status > 0 || (await pool.query(waits)).rows[0].n > 0);
      },
    });
    await second;
    assert.equal(made.status, 422);
  });

  await t.test('a secret that is shown once is not kept for a repeat', async () => {
    const request = { body: { name: 'once', role: 'analyst' }, headers: { 'idempotency-key': 'key-2' } };
    const first = await ask('POST', '/v1/tokens', request);
    const again = await ask('POST', '/v1/tokens', request);
    assert.match(String(first.body['token']), /^sft_/);
    assert.deepEqual([again.status, again.body['token']], [201, null]);
    const { rows } = await pool.query(`select string_agg(t::text, '') as text from api_idempotency t`);
    assert.ok(!rows[0].text.includes(String(first.body['token'])));
    assert.equal((await ask('GET', '/v1/calls', { token: String(first.body['token']) })).status, 200);
  });

  await t.test('a failed create leaves its key free, and a dry run keeps nothing', async () => {
    const headers = { 'idempotency-key': 'key-3' };
    assert.equal(
      (await ask('POST', '/v1/users', { body: user('2100', { domain: 'none.test' }), headers })).status,
      422,
    );
    assert.equal((await ask('POST', '/v1/users', { body: user('2100'), headers })).status, 201);
    const before = [await count(), (await pool.query('select count(*) from audit_log')).rows[0].count];
    const dry = await ask('POST', '/v1/users?dry_run=true', { body: user('2101') });
    assert.deepEqual([dry.status, dry.body['user_id']], [200, '2101']);
    assert.equal((await ask('POST', '/v1/users?dry_run=true', { body: user('2100') })).status, 409);
    assert.equal(
      (await ask('PATCH', '/v1/users/alpha.test/2100?dry_run=true', { body: { enabled: false } })).body[
        'enabled'
      ],
      false,
    );
    assert.equal((await ask('GET', '/v1/users/alpha.test/2100')).body['enabled'], true);
    assert.deepEqual(
      [await count(), (await pool.query('select count(*) from audit_log')).rows[0].count],
      before,
    );
  });

  await t.test(
    'names match whatever their case, and hashes are made with the name as it is stored',
    async () => {
      await ask('POST', '/v1/users', { body: user('Anna') });
      const digest = async () =>
        (await pool.query(`select ha1 from users where user_id = 'Anna'`)).rows[0].ha1;
      const before = await digest();
      assert.equal(
        (await ask('PATCH', '/v1/users/ALPHA.test/anna', { body: { password: 'secret' } })).status,
        200,
      );
      assert.equal(await digest(), before);
      assert.equal((await ask('POST', '/v1/users', { body: user('ANNA') })).status, 409);
    },
  );

  await t.test(
    "a tenant's people set what is theirs, and what reaches beyond stays with the fleet",
    async () => {
      const change = (body: object) => ask('PATCH', '/v1/users/alpha.test/1001', { body, token: own });
      for (const body of [
        { context: 'bravo-context' },
        { allowed_cidrs: ['0.0.0.0/0'] },
        { toll_allow: 'international' },
        { params: { 'sip-force-contact': 'x' } },
        { variables: { sip_h_x: 'y' } },
        { esl_password: 'letmein' },
        { vm_settings: { 'vm-operator-extension': 'eavesdrop:all inline' } },
        { vm_settings: { 'vm-cc': '1001@alpha.test /etc/passwd' } },
        { caller_id_name: 'a{b}' },
      ]) {
        assert.equal((await change(body)).status, 422, JSON.stringify(body));
      }
      assert.equal((await change({ variables: { callgroup: 'sales' }, caller_id_name: 'Anna' })).status, 200);
      const moved = await ask('PATCH', '/v1/dids/%2B442071838751/0', {
        body: { domain: 'bravo.test' },
        token: own,
      });
      assert.equal(moved.status, 422, moved.text);
      const stranger = (id: string) =>
        ask('POST', '/v1/users', { body: user(id, { domain: 'bravo.test' }), token: own });
      const [there, nobody] = [await stranger('1001'), await stranger('1999')];
      assert.deepEqual([there.status, there.text], [422, nobody.text], 'who is there is not told');
      const route = { prefix: '441', domain: 'alpha.test', trunk: 'bravo-trunk' };
      const foreign = await ask('POST', '/v1/trunk-routes', { body: route, token: own });
      const missing = await ask('POST', '/v1/trunk-routes', {
        body: { ...route, trunk: 'no-trunk' },
        token: own,
      });
      assert.deepEqual([foreign.status, missing.status], [422, 422], foreign.text);
      assert.equal(foreign.text.replaceAll('bravo-trunk', 'no-trunk'), missing.text, 'told alike');
      assert.equal(
        (await ask('POST', '/v1/trunk-routes', { body: { prefix: '441', trunk: 'alpha-trunk' }, token: own }))
          .status,
        422,
      );
    },
  );

  await t.test('what is still in use is not removed, and what is wrong is told field by field', async () => {
    const used = await ask('DELETE', '/v1/domains/alpha.test');
    assert.deepEqual([used.status, used.body.code], [409, 'in-use']);
    const wrong = await ask('POST', '/v1/dids', {
      body: {
        did: '12',
        domain: 'alpha.test',
        dest_type: 'extension',
        destination: '1',
        time_zone: 'Nowhere',
        fail_forward: 'x',
      },
    });
    assert.equal(wrong.status, 422);
    assert.deepEqual((wrong.body['errors'] as { field: string }[]).map(({ field }) => field).sort(), [
      'did',
      'fail_forward',
      'time_zone',
    ]);
    const prefix = { did: '+4420', domain: 'alpha.test', dest_type: 'extension', destination: '1' };
    assert.deepEqual((await ask('POST', '/v1/dids', { body: prefix })).body['errors'], [
      { field: 'did', reason: '+4420 is too short for a phone number' },
    ]);
    const both = await ask('PATCH', '/v1/users/alpha.test/1001', { body: { port: 1 } });
    assert.deepEqual(
      [both.status, both.body['errors']],
      [400, [{ field: 'body.port', reason: 'must NOT have additional properties' }]],
    );
    const renamed = await ask('PUT', '/v1/users/alpha.test/1001', { body: user('1009') });
    assert.equal(renamed.status, 422, renamed.text);
  });

  await t.test('lists are filtered, searched, sorted and paged', async () => {
    const ids = async (query: string) => {
      const answer = await ask('GET', `/v1/users?${query}`);
      assert.equal(answer.status, 200, answer.text);
      return (answer.body.items ?? []).map(({ user_id }) => user_id);
    };
    assert.deepEqual(await ids('domain=bravo.test'), ['1001']);
    assert.deepEqual(await ids('domain=alpha.test&q=ANN&enabled=true'), ['1001', 'Anna']);
    assert.deepEqual(await ids('domain=alpha.test&sort=-user_id&limit=1'), ['Anna']);
    assert.deepEqual(await ids('q=%25'), []);
    const first = await ask('GET', '/v1/users?sort=user_id&limit=2');
    const wrong = await ask('GET', `/v1/users?sort=-user_id&limit=2&cursor=${first.body['next_cursor']}`);
    assert.deepEqual([wrong.status, wrong.body.code], [400, 'cursor-invalid']);
    assert.equal((await ask('GET', '/v1/users?cursor=AAAA')).status, 400);
    const forged = Buffer.from(JSON.stringify(['created_at', 'never', 'a', 'b'])).toString('base64url');
    const told = await ask('GET', `/v1/users?sort=created_at&cursor=${forged}`);
    assert.deepEqual([told.status, told.body.code], [400, 'cursor-invalid'], told.text);
  });

  await t.test(
    'a list that is sorted by what most things have not goes on behind its first page',
    async () => {
      for (const [prefix, domain] of [
        ['31', null],
        ['32', null],
        ['33', 'alpha.test'],
      ] as const)
        await ask('POST', '/v1/trunk-routes', { body: { prefix, domain, trunk: 'alpha-trunk' } });
      for (const sort of ['domain', '-domain']) {
        const whole = await ask('GET', `/v1/trunk-routes?sort=${sort}`);
        const found: unknown[] = [];
        for (let cursor: unknown = ''; cursor !== null; ) {
          const { body, status, text } = await ask('GET', `/v1/trunk-routes?sort=${sort}&limit=1${cursor}`);
          assert.equal(status, 200, text);
          found.push(...(body.items ?? []));
          cursor = body['next_cursor'] === null ? null : `&cursor=${body['next_cursor']}`;
        }
        assert.deepEqual(found, whole.body.items, sort);
      }
    },
  );

  await t.test('a time zone is one that reports and exports take as well', async () => {
    for (const time_zone of ['+0530', '-08', 'Mars']) {
      const refused = await ask('PATCH', '/v1/tenants/alpha', { body: { time_zone } });
      assert.deepEqual([refused.status, refused.body.code], [422, 'value-refused'], time_zone);
    }
    await ask('PATCH', '/v1/tenants/alpha', { body: { time_zone: 'Asia/Kolkata' } });
    const { time_zones } = (await ask('GET', '/v1/access', { token: own })).body as { time_zones: string[] };
    const span = 'from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z';
    const tz = encodeURIComponent(time_zones[0] ?? '');
    assert.equal((await ask('GET', `/v1/reports/kpis?${span}&tz=${tz}`)).status, 200);
  });

  await t.test('the audit log says who did what, and tells a tenant its own part', async () => {
    const admin = await token('admin', 'alpha');
    const { body } = await ask('GET', '/v1/audit?resource=users&limit=500', { token: admin });
    const far = encodeURIComponent('1985-01-19T00:08:58.0+20:04');
    const early = await ask('GET', `/v1/audit?to=${far}`, { token: admin });
    assert.deepEqual([early.status, early.body.items], [200, []], 'an offset that PostgreSQL does not know');
    const items = body.items ?? [];
    assert.ok(items.length > 5 && items.every((item) => item['tenant'] === 'alpha'));
    const change = items.find(({ action, key }) => action === 'update' && key === 'alpha.test/1001');
    assert.match(String(change?.['actor']), /^operator-alpha/);
    assert.match(JSON.stringify(change?.['after']), /"caller_id_name":"Anna"/);
    assert.doesNotMatch(JSON.stringify(items), /secret"|[0-9a-f]{32}/);
  });
});
