import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiOver } from '../../../support/api/api.ts';
import { storedRun05 } from '../../../support/stored-fleet.ts';

type Row = Record<string, unknown>;

test('the api over the calls of run 05', async (t) => {
  const fleet = await storedRun05(t, { 'lab.test': 'alpha', 'beta.example': 'beta' });
  const { ask, token } = apiOver(t, fleet.connectionString);
  const pool = fleet.database.write;
  const [alpha, beta] = [await token('analyst', 'alpha'), await token('analyst', 'beta')];
  const idsOf = (body: { items?: Row[] }) => (body.items ?? []).map(({ id }) => id);
  const own = fleet.calls.filter(({ tenant }) => tenant === 'alpha');
  assert.ok(own.length > 3 && own.length < fleet.calls.length);

  await t.test('calls are searched with many words of a query, page by page', async () => {
    const holds = (call: (typeof fleet.calls)[number]) =>
      [call.caller, call.callee].some((n) => n?.startsWith('155501') || n === '1001') &&
      (call.disposition === 'answered' || call.disposition === 'busy') &&
      (call.billsec ?? 0) <= 5;
    const query = 'number=155501*,1001&disposition=answered&disposition=busy&max_billsec=5&limit=6';
    const found: unknown[] = [];
    for (let cursor = ''; ; ) {
      const { status, body } = await ask('GET', `/v1/calls?${query}${cursor}`);
      assert.deepEqual([status, body['complete'], body['searched_to']], [200, true, null]);
      found.push(...idsOf(body));
      if (body['next_cursor'] === null) break;
      cursor = `&cursor=${body['next_cursor']}`;
    }
    assert.ok(found.length > 12);
    assert.deepEqual(
      found,
      fleet.calls.filter(holds).map(({ id }) => id),
    );
  });

  await t.test('a + that no one encoded is still one; a time has its offset', async () => {
    await pool.query(`update calls set caller = '+4930123' where id = $1`, [fleet.calls[3]?.id]);
    for (const number of ['+4930123', '%2B4930123', '%2B49+30*']) {
      const { body } = await ask('GET', `/v1/calls?number=${number}`);
      assert.deepEqual(idsOf(body), [fleet.calls[3]?.id], number);
    }
    const query = 'from=2026-11-20T23:13:00%2B01:00&to=2026-11-20T22:14:00Z&limit=500';
    const { body } = await ask('GET', `/v1/calls?${query}`);
    const [fromUs, toUs] = ['22:13', '22:14'].map((time) => Date.parse(`2026-11-20T${time}Z`) * 1000);
    const expected = fleet.calls.filter((c) => c.start_us >= (fromUs ?? 0) && c.start_us < (toUs ?? 0));
    assert.ok(expected.length > 5);
    assert.deepEqual(
      idsOf(body),
      expected.map(({ id }) => id),
    );
  });

  await t.test('a tenant sees its calls and no other, whatever it asks', async () => {
    const all = await ask('GET', '/v1/calls?limit=500', { token: alpha });
    assert.deepEqual(
      idsOf(all.body),
      own.map(({ id }) => id),
    );
    assert.deepEqual(idsOf((await ask('GET', '/v1/calls', { token: beta })).body), []);
    assert.deepEqual((await ask('GET', '/v1/calls?tenant=alpha', { token: beta })).status, 403);
    const filtered = await ask('GET', '/v1/calls?tenant=alpha&limit=500');
    assert.deepEqual(
      idsOf(filtered.body),
      own.map(({ id }) => id),
    );
    const legs = await ask('GET', '/v1/legs?limit=500', { token: alpha });
    assert.ok(legs.body.items?.every((leg) => leg['tenant'] === 'alpha') && legs.body.items.length > 0);
    assert.deepEqual((await ask('GET', '/v1/legs?limit=500', { token: beta })).body.items, []);
    const [leg] = own[0]?.legs ?? [];
    for (const path of [`/v1/calls/${own[0]?.id}`, `/v1/calls/${leg}`]) {
      assert.equal((await ask('GET', path, { token: alpha })).status, 200);
      assert.equal((await ask('GET', path, { token: beta })).body.code, 'call-not-found');
    }
    for (const format of ['csv', 'ndjson']) {
      const mine = await ask('GET', `/v1/calls/export?format=${format}`, { token: alpha });
      assert.equal(mine.text.trim().split('\n').length, own.length + (format === 'csv' ? 1 : 0));
      const theirs = await ask('GET', `/v1/calls/export?format=${format}`, { token: beta });
      assert.equal(theirs.text.trim().split('\n').length, 1);
      assert.ok(!theirs.text.includes('lab.test'));
    }
  });

  await t.test('a call is found by its Call-ID, with its timeline in order and its CDRs', async () => {
    const chain = fleet.calls.find(({ legs }) => legs.length === 5) ?? assert.fail();
    const { rows } = await pool.query<{ uuid: string; sip_call_id: string; start_at: Date }>(
      'select uuid, sip_call_id, start_at from legs where uuid = any($1) and sip_call_id is not null order by uuid limit 1',
      [chain.legs],
    );
    const [leg] = rows;
    await pool.query(
      `insert into cdr_documents (uuid, start_at, format, switch_name, end_at, received_at, body_sha256, body_size, compression, body)
       select uuid, start_at, 'xml', node, end_at, now(), '', 6, 'none', '<cdr/>' from legs where uuid = $1`,
      [leg?.uuid],
    );
    const { status, body } = await ask('GET', `/v1/calls/${encodeURIComponent(leg?.sip_call_id ?? '')}`);
    assert.deepEqual([status, body['id'], body['timeline_complete']], [200, chain.id, true]);
    assert.deepEqual(
      (body['legs'] as Row[]).map(({ uuid }) => uuid),
      chain.legs,
    );
    const timeline = body['timeline'] as { at_us: number; uuid: string; event_name: string }[];
    const stored = await pool.query<{ count: number }>(
      'select count(*)::integer from leg_events where uuid = any($1)',
      [chain.legs],
    );
    assert.equal(timeline.length, stored.rows[0]?.count);
    assert.deepEqual(
      timeline.map(({ at_us }) => at_us),
      timeline.map(({ at_us }) => at_us).toSorted((a, b) => a - b),
    );
    assert.equal(timeline[0]?.event_name, 'CHANNEL_CREATE');
    const [cdr] = body['cdrs'] as { uuid: string; url: string }[];
    assert.equal(cdr?.uuid, leg?.uuid);
    assert.equal((await ask('GET', cdr?.url ?? '')).text, '<cdr/>');
  });

  await t.test('of a call of two tenants, the other one sees its own legs and nothing else', async () => {
    const call = own.find(({ legs }) => legs.length >= 2) ?? assert.fail();
    const [shown, hidden] = [call.legs[1], call.legs[0]];
    await pool.query(`update legs set tenant = 'beta', caller_id_number = 'seen' where uuid = $1`, [shown]);
    await pool.query(`update calls set tenants = '{alpha,beta}' where id = $1`, [call.id]);
    const { status, body, text } = await ask('GET', `/v1/calls/${call.id}`, { token: beta });
    assert.deepEqual([status, body['tenant'], body['caller']], [200, 'beta', 'seen']);
    assert.deepEqual(
      (body['legs'] as Row[]).map(({ uuid }) => uuid),
      [shown],
    );
    assert.ok((body['timeline'] as Row[]).length > 0);
    assert.ok((body['timeline'] as Row[]).every(({ uuid }) => uuid === shown));
    const leaked = JSON.stringify({ ...body, timeline: [], legs: [] });
    assert.ok(!leaked.includes(hidden ?? '-') && !leaked.includes('alpha'));
    assert.ok(text.length > 0);
    assert.equal(
      ((await ask('GET', `/v1/calls/${hidden}`, { token: beta })).body['legs'] as Row[]).length,
      1,
    );
    const whole = await ask('GET', `/v1/calls/${shown}`, { token: alpha });
    assert.deepEqual(
      (whole.body['legs'] as Row[]).map(({ uuid }) => uuid),
      call.legs,
    );
  });

  await t.test(
    'what the calls of a search have in common is counted, of the tenant that asks alone',
    async () => {
      const countBy = (facet: string, body: Row) =>
        new Map(
          (body['counts'] as { facet: string; value: string; calls: number }[])
            .filter((count) => count.facet === facet)
            .map(({ value, calls }) => [value, calls] as const),
        );
      const { status, body } = await ask('GET', '/v1/calls/facets');
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual([body['counted'], body['complete']], [fleet.calls.length, true]);
      const dispositions = Map.groupBy(fleet.calls, ({ disposition }) => disposition);
      for (const [value, calls] of countBy('disposition', body))
        assert.equal(calls, dispositions.get(value as 'answered')?.length, value);
      const onFs03 = fleet.calls.filter(({ nodes }) => nodes.includes('fs03'));
      assert.equal(countBy('node', body).get('fs03'), onFs03.length);

      const narrow = await ask('GET', '/v1/calls/facets?disposition=busy&number=155501*');
      const busy = await ask('GET', '/v1/calls?disposition=busy&number=155501*&limit=500');
      assert.equal(narrow.body['counted'], busy.body.items?.length);
      assert.deepEqual([...countBy('disposition', narrow.body).keys()], ['busy']);
      const seen = await ask('GET', '/v1/calls/facets', { token: alpha });
      assert.equal(seen.body['counted'], own.length);
      assert.deepEqual([...countBy('tenant', seen.body)], [['alpha', own.length]]);
      assert.equal((await ask('GET', '/v1/calls/facets', { token: beta })).body['counted'], 0);
      assert.equal((await ask('GET', '/v1/calls/facets?limit=5')).status, 400);
    },
  );

  await t.test('a leg tells over which of our proxies its signalling came', async () => {
    const [call] = fleet.calls.filter(({ nodes }) => nodes.length > 1);
    const { body } = await ask('GET', `/v1/calls/${call?.id}`);
    const proxies = (body['legs'] as Row[]).map(({ proxy }) => proxy);
    assert.ok(
      proxies.some((proxy) => /^127\.0\.0\./.test(String(proxy))),
      JSON.stringify(proxies),
    );
  });

  await t.test('a call tells what it suffered from, to whom it is whole', async () => {
    const [short] = own.filter(({ answer_us, billsec }) => answer_us !== null && (billsec ?? 9) < 6);
    const { body } = await ask('GET', `/v1/calls/${short?.id}`, { token: alpha });
    assert.ok((body['quality'] as string[]).includes('short'), JSON.stringify(body['quality']));
    const others = fleet.calls.filter((call) => call.tenant !== 'alpha');
    for (const { id } of others.slice(0, 20)) {
      const seen = await ask('GET', `/v1/calls/${id}`, { token: alpha });
      if (seen.status === 200) assert.deepEqual(seen.body['quality'], []);
    }
  });

  await t.test('a call that late evidence changed after it was finished is corrected', async () => {
    const id = fleet.calls[5]?.id;
    const before = await ask('GET', `/v1/calls/${id}`);
    assert.deepEqual([before.body['state'], before.body['is_corrected']], ['finished', false]);
    await pool.query('update calls set revision = revision + 1 where id = $1', [id]);
    assert.equal((await ask('GET', `/v1/calls/${id}`)).body['is_corrected'], true);
  });

  await t.test('a search that runs out of time goes on where it stopped, and never looks empty', async () => {
    const impatient = apiOver(t, fleet.connectionString, undefined, { searchMs: 600 });
    // whoever looks at the nodes of a call takes four milliseconds for it
    await pool.query(
      `create function slow(text[]) returns text[] language plpgsql stable cost 10000 as $$ begin perform pg_sleep(0.004); return $1; end $$`,
    );
    await pool.query('alter table calls rename to calls_stored');
    const { rows } = await pool.query<{ name: string }>(
      `select attname as name from pg_attribute where attrelid = 'calls_stored'::regclass and attnum > 0 order by attnum`,
    );
    const columns = rows.map(({ name }) => (name === 'nodes' ? 'slow(nodes) as nodes' : name));
    await pool.query(`create view calls as select ${columns.join(', ')} from calls_stored`);
    const found: unknown[] = [];
    let stops = 0;
    for (let [cursor, rounds] = ['', 0]; rounds < 40; rounds += 1) {
      const { status, body } = await impatient.ask('GET', `/v1/calls?limit=500&node=fs03${cursor}`);
      // on a machine that is busy with other things not even one slice may be through
      if (status === 503 && body.code === 'search-timed-out') continue;
      assert.equal(status, 200, JSON.stringify(body));
      found.push(...idsOf(body));
      if (body['complete'] === false) {
        stops += 1;
        assert.match(String(body['searched_to']), /^2026-11-2/);
        assert.equal(typeof body['next_cursor'], 'string');
      }
      if (body['next_cursor'] === null) break;
      cursor = `&cursor=${body['next_cursor']}`;
    }
    let counts = await impatient.ask('GET', '/v1/calls/facets?node=fs03');
    for (let tries = 0; counts.status === 503 && tries < 40; tries += 1) {
      assert.equal(counts.body.code, 'search-timed-out');
      counts = await impatient.ask('GET', '/v1/calls/facets?node=fs03');
    }
    await pool.query('drop view calls; alter table calls_stored rename to calls; drop function slow(text[])');
    assert.ok(stops > 0, 'it was never out of time');
    assert.deepEqual(
      found,
      fleet.calls.filter(({ nodes }) => nodes.includes('fs03')).map(({ id }) => id),
    );
    const { counted, complete, counted_to: to, counts: facets } = counts.body;
    assert.deepEqual([counts.status, complete], [200, false], 'counts of a part say so');
    assert.match(String(to), /^2026-11-2/);
    assert.ok(Number(counted) < found.length);
    const onFs03 = (facets as Row[]).find(({ facet, value }) => facet === 'node' && value === 'fs03');
    assert.equal(onFs03?.['calls'] ?? 0, counted);
  });

  await t.test('what cannot be asked is refused, by the name of what is wrong', async () => {
    for (const [url, status, code] of [
      ['/v1/calls?number=*1*', 400, 'number-invalid'],
      ['/v1/calls?number=%00', 400, 'validation'],
      ['/v1/calls?from=yesterday', 400, 'validation'],
      ['/v1/calls?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', 400, 'span-invalid'],
      ['/v1/calls?quality=bad', 400, 'validation'],
      ['/v1/calls?callers=1', 400, 'validation'],
      ['/v1/legs?cursor=nonsense', 400, 'cursor-invalid'],
      ['/v1/calls/export?tz=%2B02:00', 400, 'time-zone-invalid'],
      ['/v1/calls/export?tz=Mars/Olympus', 400, 'time-zone-invalid'],
      ['/v1/calls/export?format=xls', 400, 'validation'],
    ] as const) {
      const answer = await ask('GET', url);
      assert.deepEqual([answer.status, answer.body.code], [status, code], url);
    }
  });
});
