import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { eventFrame, stubNode } from '../../support/stub-node.ts';
import { until } from '../../support/until.ts';
import { nodesTable, startCollector } from './collector.ts';

const CORE = 'bf538339-9511-4443-9394-f30be01a956d';
const HEARTBEAT = {
  'Event-Name': 'HEARTBEAT',
  'Core-UUID': CORE,
  'FreeSWITCH-Switchname': 'fs01',
  'FreeSWITCH-Version': '1.10.12-release',
  'Uptime-msec': '90500',
  'Session-Count': '1',
  'Max-Sessions': '1000',
  'Session-Per-Sec': '30',
  'Session-Per-Sec-Last': '4',
  'Session-Since-Startup': '321',
  'Session-Peak-Max': '77',
  'Idle-CPU': '87.5',
};
const leg = (name: string, sequence: number) => ({
  'Event-Name': name,
  'Core-UUID': CORE,
  'FreeSWITCH-Switchname': 'fs01',
  'Event-Date-Timestamp': String(Date.now() * 1000 + sequence),
  'Event-Sequence': String(sequence),
  'Unique-ID': `leg-${sequence % 2}`,
  'Caller-Channel-Created-Time': String(Date.now() * 1000),
  variable_sip_gateway_name: 'carrier1',
});

/** A node with one live leg, one that ended, and a heartbeat. */
function busyNode(t: TestContext) {
  const events = [
    leg('CHANNEL_CREATE', 1),
    leg('CHANNEL_CREATE', 2),
    leg('CHANNEL_HANGUP_COMPLETE', 4),
    HEARTBEAT,
  ];
  return stubNode(t, {
    api: {
      switchname: 'fs01',
      'global_getvar core_uuid': CORE,
      'show channels as json': '{"row_count":1,"rows":[{"uuid":"leg-1"}]}\n',
      'show registrations as json': '{"row_count": 0}\n',
    },
    onSubscribed: (socket) => {
      socket.write(
        Buffer.concat([
          Buffer.from('Content-Type: command/reply\nReply-Text: +OK\n\n'),
          ...events.map(eventFrame),
        ]),
      );
    },
  });
}

function seriesOf(text: string): Map<string, number> {
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const at = line.lastIndexOf(' ');
        return [
          line
            .slice(0, at)
            .replace(/service="test",|,?service="test"/, '')
            .replace('{}', ''),
          Number(line.slice(at + 1)),
        ] as const;
      }),
  );
}

test('/metrics tells of each node, /probe of one by the names of the exporters, and both that a node is down', async (t) => {
  const node = await busyNode(t);
  const table = await nodesTable(t);
  await table.add('fs01', node.port);
  await table.query(
    `insert into registrations (domain, user_id, node, contact, registered_at, expires_at, is_ended) values
       ('a.example', '1001', 'fs01', 'sip:1', now(), now() + interval '1 hour', false),
       ('a.example', '1002', 'fs01', 'sip:2', now(), now() - interval '1 minute', false),
       ('a.example', '1003', 'fs01', 'sip:3', now(), now() + interval '1 hour', true),
       ('a.example', '1004', 'fs02', 'sip:4', now(), now() + interval '1 hour', false)`,
  );
  const { service, states } = await startCollector(t, table);
  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${service.port}${path}`, {
      signal: AbortSignal.timeout(10_000),
    });
    return { status: answer.status, text: await answer.text() };
  };
  const scrape = async (path: string) => seriesOf((await get(path)).text);
  await until('the heartbeat was read', async () => {
    const figures = await scrape('/metrics');
    return figures.get('switchfleet_node_sessions_max{node="fs01"}') === 1000 && states()['fs01'] === 'live';
  });

  const figures = await scrape('/metrics');
  const expected = {
    'up{node="fs01"}': 1,
    'state{node="fs01",state="live"}': 1,
    'state{node="fs01",state="down"}': 0,
    'sessions{node="fs01"}': 1,
    'sessions_peak{node="fs01"}': 77,
    'sessions_total{node="fs01"}': 321,
    'sessions_per_second{node="fs01"}': 4,
    'sessions_per_second_max{node="fs01"}': 30,
    'idle_cpu_ratio{node="fs01"}': 0.875,
    'uptime_seconds{node="fs01"}': 90.5,
    'info{node="fs01",version="1.10.12-release"}': 1,
    'trunk_sessions{node="fs01",trunk="carrier1"}': 1,
    'legs_ended_total{node="fs01"}': 1,
    'registrations{node="fs01"}': 1,
    'calls{node="fs01"}': 0,
  };
  const found = Object.keys(expected).map((name) => [name, figures.get(`switchfleet_node_${name}`)]);
  assert.deepEqual(Object.fromEntries(found), expected);

  assert.equal(
    figures.get('switchfleet_dispatch_member{set_id="1",set_name="1",node="fs01"}'),
    1,
    'all are set 1',
  );

  const probe = Object.fromEntries(await scrape('/probe?target=fs01'));
  assert.deepEqual(probe, {
    freeswitch_up: 1,
    freeswitch_current_calls: 0,
    freeswitch_current_channels: 1,
    freeswitch_current_sessions: 1,
    freeswitch_current_sessions_peak: 77,
    freeswitch_max_sessions: 1000,
    freeswitch_current_sps: 4,
    freeswitch_max_sps: 30,
    freeswitch_current_idle_cpu: 87.5,
    freeswitch_sessions_total: 321,
    freeswitch_uptime_seconds: 90.5,
    freeswitch_registrations: 1,
    freeswitch_session_active: 1,
    freeswitch_session_limit: 1000,
    freeswitch_session_total: 321,
    'freeswitch_info{version="1.10.12-release"}': 1,
  });
  assert.equal((await get('/probe?target=fs99')).status, 404);
  assert.equal((await get('/probe')).status, 404);

  await node.stop();
  await until('it is down', () => states()['fs01'] === 'down');
  const down = await scrape('/metrics');
  assert.equal(down.get('switchfleet_node_up{node="fs01"}'), 0);
  assert.equal(down.get('switchfleet_node_state{node="fs01",state="down"}'), 1);
  assert.equal(down.has('switchfleet_node_sessions{node="fs01"}'), false, 'unknown is not 0');
  assert.deepEqual(Object.fromEntries(await scrape('/probe?target=fs01')), { freeswitch_up: 0 });
});

test('the targets of a Kamailio’s dispatcher, and that a Kamailio does not answer', async (t) => {
  const kamailio = createServer((_request, response) => {
    const dest = (URI: string, FLAGS: string) => ({ DEST: { URI, FLAGS, PRIORITY: 0 } });
    const TARGETS = [dest('sip:192.0.2.11:5060', 'AP'), dest('sip:192.0.2.12:5060', 'IP')];
    const result = { NRSETS: 1, RECORDS: [{ SET: { ID: 7, TARGETS } }] };
    response.end(JSON.stringify({ jsonrpc: '2.0', result, id: 1 }));
  }).listen(0, '127.0.0.1');
  await once(kamailio, 'listening');
  t.after(() => kamailio.close());
  const table = await nodesTable(t);
  await table.query(
    `with sets as (insert into dispatch_sets (set_id, name) values (7, 'media'))
     insert into proxies (name, address, rpc_url) values ('kam1', '192.0.2.5', $1), ('kam2', '192.0.2.6', 'http://127.0.0.1:1/RPC')`,
    [`http://127.0.0.1:${(kamailio.address() as AddressInfo).port}/RPC`],
  );
  const { metrics } = await startCollector(t, table);
  const figures = seriesOf(await metrics.metrics());
  const target = (address: string) =>
    figures.get(
      `kamailio_dispatcher_list_target{proxy="kam1",destination="sip:${address}:5060",set_id="7",set_name="media"}`,
    );
  assert.deepEqual([target('192.0.2.11'), target('192.0.2.12')], [1, 0]);
  assert.equal(figures.get('kamailio_rpc_up{proxy="kam1"}'), 1);
  assert.equal(figures.get('kamailio_rpc_up{proxy="kam2"}'), 0);
});
