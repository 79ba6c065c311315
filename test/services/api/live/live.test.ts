import assert from 'node:assert/strict';
import { type ClientRequest, request } from 'node:http';
import { test } from 'node:test';
import type { DeliveredRecord } from '../../../../libs/bus/bus.ts';
import { TOPICS, type Topic } from '../../../../libs/records/topics.ts';
import { createMetrics } from '../../../../libs/telemetry/metrics.ts';
import { LiveHub } from '../../../../services/api/live/live-hub.ts';
import { ADMIN, apiOver } from '../../../support/api/api.ts';
import { testDatabase } from '../../../support/stack/test-database.ts';
import { until } from '../../../support/until.ts';

const US = 1_795_207_890_000_000;

function delivered(topic: Topic, value: unknown): DeliveredRecord {
  return { topic, key: 'k', value, partition: 0, offset: '0', publishedUs: 0 };
}

const callRecord = (id: string, tenant: string | null, kind = 'call-started') =>
  delivered(TOPICS.live, {
    ...{
      v: 1,
      kind,
      at_us: US,
      call_id: id,
      tenant,
      domain: null,
      caller: '1001',
      callee: '1002',
      nodes: ['fs01'],
    },
  });
const nodeRecord = (state: string) =>
  delivered(TOPICS.live, { v: 1, kind: 'node-state', at_us: US, node: 'fs01', state, reason: 'why' });

interface Told {
  id?: string;
  event?: string;
  data?: string;
}

/** A client that reads events, or does not. */
function listen(
  port: number,
  { token = ADMIN, lastId, reads = true }: { token?: string; lastId?: string; reads?: boolean } = {},
) {
  let text = '';
  let status = 0;
  let hasEnded = false;
  const headers = {
    authorization: `Bearer ${token}`,
    ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
  };
  const asked: ClientRequest = request({ port, path: '/v1/live', headers }, (response) => {
    status = response.statusCode ?? 0;
    response.on('error', () => undefined);
    response.on('close', () => {
      hasEnded = true;
    });
    if (reads)
      response.on('data', (piece) => {
        text += piece;
      });
    else response.pause();
  });
  asked.on('error', () => {
    hasEnded = true;
  });
  asked.end();
  const told = (): Told[] =>
    text
      .split('\n\n')
      .slice(0, -1)
      .filter((block) => !block.startsWith(':'))
      .map((block) =>
        Object.fromEntries(
          block
            .split('\n')
            .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
        ),
      )
      // it says so every 15 s, which a busy machine may take for a step
      .filter(({ event }: Told) => event !== 'alive');
  return {
    told,
    names: () => told().map(({ event }) => event),
    text: () => text,
    status: () => status,
    ended: () => hasEnded,
    leave: () => asked.destroy(),
  };
}

test('the live stream', async (t) => {
  const { connectionString, database } = await testDatabase(t);
  await database.write.query(`insert into tenants (name) values ('alpha'), ('beta')`);
  await database.write.query(
    `insert into node_status (node, state, reason) values ('fs01', 'live', 'follows')`,
  );
  await database.write.query(
    `insert into calls (id, start_at, root_id, state, tenant, digest) select id, call_id_start(id), id, 'live', tenant, '' from (values
     ('00660bc9-0ec6-8335-b405-9d6e5d11855f'::uuid, 'alpha'), ('00660bc9-4963-8159-9d95-a77de48355ea'::uuid, 'beta')) as up (id, tenant)`,
  );
  const hub = new LiveHub();
  const metrics = createMetrics('test');
  const { app, token } = apiOver(t, connectionString, undefined, { live: hub, metrics });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const shows = (what: string, condition: () => boolean) => until(what, condition, 20_000);

  await t.test(
    'begins with how it is, goes on with what happens, and says of ids that they are unknown',
    async () => {
      const client = listen(port);
      await shows('the snapshot', () => client.names().length === 1);
      const [snapshot] = client.told();
      const data = JSON.parse(snapshot?.data ?? '');
      assert.deepEqual(
        [snapshot?.event, data.reason, data.calls.length, data.calls_complete],
        ['snapshot', 'no-id', 2, true],
      );
      assert.deepEqual(data.nodes, [{ node: 'fs01', state: 'live', reason: 'follows', load: null }]);
      hub.take([callRecord('c1', 'alpha'), nodeRecord('down'), delivered(TOPICS.live, { v: 2 })]);
      await shows('events', () => client.names().length === 3);
      assert.deepEqual(client.names(), ['snapshot', 'call-started', 'node-state']);
      assert.equal(JSON.parse(client.told()[1]?.data ?? '').call_id, 'c1');
      assert.equal(hub.unreadable, 1);
      client.leave();
      const stranger = listen(port, { lastId: 'another.7' });
      await shows('a snapshot', () => stranger.names().length === 1);
      assert.equal(JSON.parse(stranger.told()[0]?.data ?? '').reason, 'unknown-id');
      stranger.leave();
      // ids tell nobody how much happened that he may not see
      const ids = client.told().map(({ id = '' }) => id);
      assert.ok(ids.every((id) => /^[0-9a-f]{32}$/.test(id)));
      assert.equal(new Set(ids.map((id) => id.slice(0, 8))).size, ids.length);
    },
  );

  await t.test('resumes where it was left, without a hole and without a repetition', async () => {
    const first = listen(port);
    await shows('the snapshot', () => first.names().length === 1);
    hub.take([callRecord('r1', null), callRecord('r2', null)]);
    await shows('two events', () => first.names().length === 3);
    const lastId = first.told()[1]?.id ?? '';
    first.leave();
    hub.take([callRecord('r3', null, 'call-ended')]);
    const second = listen(port, { lastId });
    await shows('what was missed', () => second.names().length === 3);
    hub.take([callRecord('r4', null)]);
    await shows('what came then', () => second.names().length === 4);
    assert.equal(second.names()[0], 'resumed');
    assert.deepEqual(
      second
        .told()
        .slice(1)
        .map(({ data }) => JSON.parse(data ?? '').call_id),
      ['r2', 'r3', 'r4'],
    );
    assert.equal(second.told()[0]?.id, lastId);
    second.leave();
    hub.take(Array.from({ length: 1_500 }, (_, at) => callRecord(`m${at}`, null)));
    const behind = listen(port, { lastId });
    await shows('a snapshot', () => behind.names().length === 1);
    assert.equal(
      JSON.parse(behind.told()[0]?.data ?? '').reason,
      'too-many',
      'it is not slow from the start',
    );
    behind.leave();
    hub.take(Array.from({ length: 9_000 }, (_, at) => callRecord(`f${at}`, null)));
    const late = listen(port, { lastId });
    await shows('a snapshot', () => late.names().length === 1);
    assert.deepEqual(
      [late.names()[0], JSON.parse(late.told()[0]?.data ?? '').reason],
      ['snapshot', 'too-old'],
    );
    late.leave();
  });

  await t.test('a tenant hears of its calls and of nothing else, also when it resumes', async () => {
    const alpha = await token('analyst', 'alpha');
    const client = listen(port, { token: alpha });
    await shows('the snapshot', () => client.names().length === 1);
    const data = JSON.parse(client.told()[0]?.data ?? '');
    assert.deepEqual(
      [data.calls.map((call: { tenant: string }) => call.tenant), data.nodes],
      [['alpha'], []],
    );
    hub.take([
      callRecord('b1', 'beta'),
      callRecord('n1', null),
      nodeRecord('live'),
      callRecord('a1', 'alpha'),
    ]);
    await shows('its event', () => client.names().length === 2);
    const again = listen(port, { token: alpha, lastId: client.told()[0]?.id ?? '' });
    await shows('its event again', () => again.names().length === 2);
    assert.equal(again.told()[0]?.data, '{"events":1}', "how many are others' is not told");
    for (const stream of [client, again]) {
      assert.equal(JSON.parse(stream.told()[1]?.data ?? '').call_id, 'a1');
      assert.doesNotMatch(stream.text(), /"b1"|"n1"|beta|fs01","state/);
      stream.leave();
    }
  });

  await t.test('ends when the token counts no more', async () => {
    const revoked = await token('analyst', 'beta');
    const client = listen(port, { token: revoked });
    await shows('the snapshot', () => client.names().length === 1);
    await database.write.query(`update api_tokens set revoked_at = now() where tenant = 'beta'`);
    await until(
      'the stream ends',
      () => {
        hub.take([callRecord('after', 'beta')]);
        return client.ended();
      },
      20_000,
    );
    assert.deepEqual(
      [client.names().at(-1), client.told().at(-1)?.data],
      ['closed', '{"reason":"not-authorised"}'],
    );
    const refused = listen(port, { token: revoked });
    await shows('the refusal', () => refused.status() === 401);
  });

  await t.test('tells only its head to who asks for that', async () => {
    const { statusCode, headers, body } = await app.inject({
      method: 'HEAD',
      url: '/v1/live',
      headers: { authorization: `Bearer ${ADMIN}` },
    });
    assert.deepEqual(
      [statusCode, headers['content-type'], body],
      [200, 'text/event-stream; charset=utf-8', ''],
    );
  });

  const places = async () =>
    (await metrics.getSingleMetric('switchfleet_api_live_streams')?.get())?.values[0]?.value ?? 0;

  await t.test('forgets who goes while its token is looked up', async () => {
    await until('nobody is left', async () => (await places()) === 0, 20_000);
    const fleets = await token('analyst');
    const blocker = await database.write.connect();
    await blocker.query('begin; lock table api_tokens');
    const waits = async () => {
      // a transaction sees what it saw first
      await blocker.query('select pg_stat_clear_snapshot()');
      const { rowCount } = await blocker.query(
        `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%api_tokens%' and datname = current_database()`,
      );
      return rowCount === 1;
    };
    try {
      const gone = listen(port, { token: fleets });
      await until('the token is looked up', waits, 20_000);
      gone.leave();
      await shows('it went', () => gone.ended());
    } finally {
      await blocker.query('rollback');
      blocker.release();
    }
    const next = listen(port, { token: fleets });
    await shows('another one', () => next.names().length === 1);
    assert.equal(await places(), 1);
    next.leave();
  });

  await t.test('lets one tenant have its part of the places, and others in', async () => {
    const alpha = await token('analyst', 'alpha');
    const streams = Array.from({ length: 100 }, () => listen(port, { token: alpha }));
    await shows('all of them', () => streams.every(({ status }) => status() === 200));
    const [more, other] = [listen(port, { token: alpha }), listen(port)];
    await shows('answers', () => more.status() !== 0 && other.status() !== 0);
    assert.deepEqual([more.status(), other.status()], [503, 200]);
    for (const stream of [...streams, more, other]) stream.leave();
    await until('all have gone', async () => (await places()) === 0, 20_000);
  });

  await t.test('cuts off who does not read, and nobody else', async () => {
    const slow = listen(port, { reads: false });
    const quick = listen(port);
    await shows('both are there', () => quick.names().length === 1 && slow.status() === 200);
    const big = 'x'.repeat(20_000);
    let sent = 0;
    const ends = async () =>
      (await metrics.getSingleMetric('switchfleet_api_live_ended_total')?.get())?.values ?? [];
    await until(
      'the slow one is cut off',
      async () => {
        hub.take(Array.from({ length: 100 }, () => callRecord(big, null)));
        sent += 100;
        return (await ends()).some(({ labels, value }) => labels['reason'] === 'slow' && value === 1);
      },
      30_000,
    );
    await shows('the other one has all', () => quick.names().length === sent + 1);
    quick.leave();
    slow.leave();
    await shows('nobody is left', () => quick.ended());
  });
});
