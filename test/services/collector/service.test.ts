import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { createClock } from '../../../libs/clock/clock.ts';
import type { ChannelEvent } from '../../../libs/records/channel-event.ts';
import type { NodeEvent, NodeStateChanged } from '../../../libs/records/node-event.ts';
import type { NodeLoad } from '../../../libs/records/node-load.ts';
import type { Registration, RegistrationEvent } from '../../../libs/records/registration.ts';
import { TOPICS } from '../../../libs/records/topics.ts';
import { writeNodeAddress } from '../../../libs/store/node-address.sql.ts';
import { readKnownPeers } from '../../../libs/store/surroundings.sql.ts';
import { eventFrame, type StubOptions, stubNode } from '../../support/stub-node.ts';
import { until } from '../../support/until.ts';
import { nodesTable, startCollector, type TestCollector, type TestCollectorOptions } from './collector.ts';

const killed = gunzipSync(readFileSync(new URL('../../fixtures/esl/kill9-json.raw.gz', import.meta.url)));
const LOGIN_BYTES = killed.indexOf('Content-Length');
const CORE = 'bf538339-9511-4443-9394-f30be01a956d';

/** A stub that answers the questions of a sync as a real, idle server does. */
function server(t: TestContext, name: string, options: StubOptions = {}) {
  const api = {
    switchname: name,
    'global_getvar core_uuid': CORE,
    'show channels as json': '{"row_count": 0}\n',
    'show registrations as json': '{"row_count": 0}\n',
    ...options.api,
  };
  return stubNode(t, { ...options, api });
}

const CREATE = {
  'Event-Name': 'CHANNEL_CREATE',
  'Core-UUID': CORE,
  'FreeSWITCH-Switchname': 'fs01',
  'Event-Date-Timestamp': '1795207867557048',
  'Event-Sequence': '77',
  'Unique-ID': 'leg-1',
  'Caller-Channel-Created-Time': '1795207867557047',
};

const NEEDED = [
  ...[
    'CREATE',
    'PROGRESS',
    'PROGRESS_MEDIA',
    'ANSWER',
    'BRIDGE',
    'UNBRIDGE',
    'HOLD',
    'UNHOLD',
    'PARK',
    'UUID',
  ],
  ...['ORIGINATE', 'HANGUP', 'HANGUP_COMPLETE'],
]
  .map((name) => `CHANNEL_${name}`)
  .concat(['RECORD_START', 'RECORD_STOP', 'HEARTBEAT', 'SHUTDOWN'])
  .concat(['sofia::register', 'sofia::unregister', 'sofia::expire'])
  .concat(['callcenter::info', 'conference::maintenance']);

const linesOf = (text: string, start: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith(start))
    .join('\n');

const nodeEvents = ({ bus }: TestCollector) => bus.values<NodeEvent>(TOPICS.nodeEvents);
const changes = (collector: TestCollector) =>
  nodeEvents(collector).filter((event): event is NodeStateChanged => event.kind === 'state');
const statesOf = (collector: TestCollector, node: string) =>
  changes(collector)
    .filter((event) => event.node === node)
    .map(({ state }) => state);

const sets = (collector: TestCollector) => nodeEvents(collector).filter(({ kind }) => kind === 'resync');

/** A collector whose clock runs ten times as fast: the set of channels that confirms the first one comes in 0.6 s. */
async function startConfirmed(t: TestContext, options: TestCollectorOptions): Promise<TestCollector> {
  const collector = await startCollector(t, {
    ...options,
    clock: createClock({ began: Date.now(), rate: 10 }),
  });
  // whatever set comes after these two has another reason
  await until('the set that confirms what was asked on connect', () => sets(collector).length === 2);
  assert.equal(collector.states()['fs01'], 'live');
  return collector;
}

/** What was seen is not yet what is published: topics leave the outbox in any order, a moment later. */
const allPublished = ({ service }: TestCollector) =>
  until('all is published', () => service.health().details?.['waiting'] === 0);

test('a recorded node is followed from its login to its death by kill -9', async (t) => {
  const node = await server(t, 'fs02', {
    onSubscribed: (socket) => socket.end(killed.subarray(LOGIN_BYTES)),
  });
  const table = await nodesTable(t);
  await table.add('fs02', node.port);
  const collector = await startCollector(t, table);
  await until('down', () => statesOf(collector, 'fs02').includes('down'));
  await allPublished(collector);
  const events = collector.bus.values<ChannelEvent>(TOPICS.channelEvents);
  assert.deepEqual([...new Set(events.map((event) => event.event_name))].sort(), [
    'CHANNEL_ANSWER',
    'CHANNEL_CALLSTATE',
    'CHANNEL_CREATE',
    'CHANNEL_EXECUTE',
    'CHANNEL_EXECUTE_COMPLETE',
    'CHANNEL_STATE',
  ]);
  assert.equal(new Set(events.map((event) => event.uuid)).size, 2);
  assert.ok(events.every((event) => event.node === 'fs02' && event.core_uuid === CORE));
  const [registration] = collector.bus.values<RegistrationEvent>(TOPICS.registrations);
  assert.deepEqual(
    [registration?.kind, registration?.user, registration?.node],
    ['register', '1003', 'fs02'],
  );
  // it was recorded long ago: a node whose clock is behind
  const leftUs = (registration?.expires_us ?? 0) - Date.now() * 1000;
  assert.ok(leftUs > 3_500_000_000 && leftUs <= 3_600_000_000, `expires in ${leftUs} us`);
  await until('a load with both legs', () =>
    collector.bus
      .values<NodeLoad>(TOPICS.load)
      .some((load) => load.sessions === 2 && load.max_sessions === 1000),
  );
  const figures = await collector.metrics.metrics();
  assert.match(figures, /node_heartbeat_age_seconds\{node="fs02"[^}]*\} [\d.]+/);
  assert.match(figures, /outbox_lag_seconds(?:\{[^}]*\})? 0/);
  assert.match(figures, /node_clock_offset_seconds\{node="fs02"[^}]*\} -?[\d.]+/);
  const down = changes(collector).find(({ state }) => state === 'down');
  // the recording is older than the replay: what the node's clock said then is the node's clock
  const lastStamp = Math.max(...events.map((event) => event.at_us));
  assert.ok((down?.at_us ?? 0) >= lastStamp && (down?.at_us ?? 0) < lastStamp + 60_000_000);
  assert.equal(down?.core_uuid, CORE);
});

test('on connect: the exact set of channels, what is unknown adopted by uuid_dump, all registrations', async (t) => {
  const dump = {
    'Event-Name': 'CHANNEL_DATA',
    'Core-UUID': CORE,
    'FreeSWITCH-Switchname': 'fs01',
    'Event-Date-Timestamp': '1795207867557048',
    'Event-Sequence': '77',
    'Unique-ID': 'leg-1',
    'Caller-Channel-Created-Time': '1795207800000001',
  };
  const node = await server(t, 'fs01', {
    api: {
      'show channels as json':
        '{"row_count":3,"rows":[{"uuid":"leg-1"},{"uuid":"leg-2"},{"uuid":"0gA/8+==@10.0.0.1"}]}\n',
      'uuid_dump leg-1 json': JSON.stringify(dump),
      'uuid_dump 0gA/8+==@10.0.0.1 json': JSON.stringify({ ...dump, 'Unique-ID': '0gA/8+==@10.0.0.1' }),
      'uuid_dump leg-2 json': '-ERR No such channel!\n',
      'show registrations as json':
        '{"row_count":1,"rows":[{"reg_user":"1001","realm":"lab.test","url":"sofia/internal/sip:1001@127.7.0.31:5060","expires":"1795211527"}]}\n',
    },
  });
  const table = await nodesTable(t);
  await table.add('fs01', node.port);
  const collector = await startCollector(t, table);
  await until('live', () => statesOf(collector, 'fs01').includes('live'));
  await allPublished(collector);
  assert.deepEqual(statesOf(collector, 'fs01'), ['connecting', 'syncing', 'live']);
  const resync = nodeEvents(collector).find((event) => event.kind === 'resync');
  assert.deepEqual(resync?.uuids, ['leg-1', 'leg-2', '0gA/8+==@10.0.0.1']);
  assert.equal(resync?.core_uuid, CORE);
  const [event, ...others] = collector.bus.values<ChannelEvent>(TOPICS.channelEvents);
  assert.deepEqual([event?.uuid, event?.event_name], ['leg-1', 'CHANNEL_DATA']);
  assert.deepEqual(
    others.map(({ uuid }) => uuid),
    ['0gA/8+==@10.0.0.1'],
    'a Call-ID for a uuid (inbound-use-callid-as-uuid)',
  );
  assert.equal(event?.headers['Caller-Channel-Created-Time'], '1795207800000001');
  assert.equal(
    collector.bus.values<RegistrationEvent>(TOPICS.registrations)[0]?.contact,
    'sip:1001@127.7.0.31:5060',
  );
  const set = collector.bus
    .values<Registration>(TOPICS.registrations)
    .find((record) => record.kind === 'resync');
  assert.deepEqual(set?.registrations, [
    { user: '1001', domain: 'lab.test', contact: 'sip:1001@127.7.0.31:5060' },
  ]);
  const order = node.commands.map((command) => command.split(' ').slice(0, 2).join(' '));
  assert.ok(
    order.indexOf('event json') < order.indexOf('api show'),
    'subscribed before it asks what is there',
  );
  const asked = node.commands.find((command) => command.startsWith('event json')) ?? '';
  assert.deepEqual(
    NEEDED.filter((name) => !asked.split(' ').includes(name)),
    [],
    'all that legs, registrations and load are made of',
  );
  assert.match(asked, / CUSTOM (?:[a-z_]+::[a-z_]+ ?)+$/, 'what comes after CUSTOM are subclasses');
  assert.doesNotMatch(asked, /DTMF|\bALL\b/, 'digits are often PINs');
});

test('another core is a core-changed, also when the restart happened while nobody looked', async (t) => {
  const node = await server(t, 'fs01');
  const table = await nodesTable(t);
  await table.add('fs01', node.port);
  const first = await startCollector(t, table);
  await until('live', () => statesOf(first, 'fs01').includes('live'));
  await first.service.stop();
  node.options.api = { ...node.options.api, 'global_getvar core_uuid': 'new-core\n' };
  const second = await startCollector(t, { ...table, instance: 'two' });
  await until('live', () => statesOf(second, 'fs01').includes('live'));
  const changed = nodeEvents(second).find((event) => event.kind === 'core-changed');
  assert.deepEqual([changed?.old_core_uuid, changed?.core_uuid], [CORE, 'new-core']);
  assert.equal(
    nodeEvents(first).some((event) => event.kind === 'core-changed'),
    false,
  );
});

test('a core-changed that never reached the bus is told by the next collector', async (t) => {
  const node = await server(t, 'fs01');
  const table = await nodesTable(t);
  await table.add('fs01', node.port);
  const first = await startCollector(t, table);
  await until('live', () => statesOf(first, 'fs01').includes('live'));
  await allPublished(first);
  first.bus.isAway = true;
  node.options.api = { ...node.options.api, 'global_getvar core_uuid': 'new-core\n' };
  for (const socket of node.sockets) socket.destroy();
  const asked = () => node.commands.filter((command) => command === 'api global_getvar core_uuid').length;
  await until('live again', () => asked() === 2 && first.states()['fs01'] === 'live', 15_000);
  // it dies with what it could not tell
  first.cutOff(true);
  await table.query(`update node_leases set holder = '', expires_at = '-infinity'`);
  const second = await startCollector(t, { ...table, instance: 'two' });
  await until('live', () => statesOf(second, 'fs01').includes('live'));
  const changed = nodeEvents(second).find((event) => event.kind === 'core-changed');
  assert.deepEqual([changed?.old_core_uuid, changed?.core_uuid], [CORE, 'new-core']);
});

test('a core-changed is told also when the database was away as the node connected', async (t) => {
  const node = await server(t, 'fs01');
  const table = await nodesTable(t);
  await table.add('fs01', node.port);
  await table.query(
    `insert into node_leases (node, holder, expires_at, core_uuid) values ('fs01', '', '-infinity', 'old-core')`,
  );
  const collector = await startCollector(t, table);
  collector.cutOff(true);
  collector.bus.isAway = true;
  await until('live', () => collector.states()['fs01'] === 'live');
  collector.cutOff(false);
  collector.bus.isAway = false;
  await until('remembered', async () => {
    const { rows } = await table.query<{ core_uuid: string }>('select core_uuid from node_leases');
    return rows[0]?.core_uuid === CORE;
  });
  const changed = nodeEvents(collector).find((event) => event.kind === 'core-changed');
  assert.deepEqual([changed?.old_core_uuid, changed?.core_uuid], ['old-core', CORE]);
});

test('nodes are added, moved and removed without a restart', async (t) => {
  const table = await nodesTable(t);
  const collector = await startCollector(t, table);
  const [old, moved] = [await server(t, 'fs01'), await server(t, 'fs01')];
  await table.add('fs01', old.port);
  await until('live', () => collector.states()['fs01'] === 'live', 20_000);
  await table.query('update nodes set esl_port = $1', [moved.port]);
  await until('moved', () => moved.sockets.size === 1 && old.sockets.size === 0, 20_000);
  await until('live', () => collector.states()['fs01'] === 'live', 20_000);
  await table.query(`update nodes set state = 'disabled'`);
  await until('let go', () => moved.sockets.size === 0, 20_000);
  assert.deepEqual(collector.states(), {});
  const last = () => changes(collector).at(-1);
  await until('said so', () => last()?.reason === 'not followed: disabled', 20_000);
  assert.equal(last()?.state, 'connecting', 'nothing is said to be lost');

  await table.query(`update nodes set state = 'active'`);
  await until('live', () => collector.states()['fs01'] === 'live', 20_000);
  await table.query('delete from nodes');
  await until('let go', () => moved.sockets.size === 0, 20_000);
  await until('said so', () => last()?.reason === 'not followed: removed', 20_000);
  assert.deepEqual(
    [last()?.state, last()?.core_uuid],
    ['down', CORE],
    'nobody hears of its legs again: they end after the grace of a lost node',
  );
  const leases = async () => (await table.query('select from node_leases')).rowCount;
  await until('forgotten', async () => (await leases()) === 0, 20_000);
});

test('a node that is removed while no collector runs is down for the next one, until that is durable', async (t) => {
  const node = await server(t, 'fs01');
  const table = await nodesTable(t);
  await table.add('fs01', node.port);
  const first = await startCollector(t, table);
  await until('live', () => first.states()['fs01'] === 'live');
  await first.service.stop();
  await table.query('delete from nodes');
  const second = await startCollector(t, { ...table, instance: 'two' });
  const said = () => changes(second).map(({ node: name, state, reason }) => `${name} ${state}: ${reason}`);
  await until('said so', () => said().length > 0);
  const leases = async () => (await table.query('select from node_leases')).rowCount;
  await until('forgotten', async () => (await leases()) === 0, 20_000);
  assert.deepEqual(said(), ['fs01 down: not followed: removed']);
});

test('a node that is removed while its collector was killed is down for the next run under the same name', async (t) => {
  const table = await nodesTable(t);
  await table.query(
    `insert into node_leases (node, holder, expires_at) values ('fs01', 'one', now() + interval '1 minute'),
       ('fs02', 'two', now() + interval '1 minute')`,
  );
  const again = await startCollector(t, table);
  await until('said so', () => changes(again).length > 0, 5_000);
  const leases = async () =>
    (await table.query<{ node: string }>('select node from node_leases')).rows.map(({ node }) => node).join();
  await until('forgotten', async () => (await leases()) === 'fs02', 20_000);
  assert.deepEqual(
    changes(again).map(({ node, state, reason }) => `${node} ${state}: ${reason}`),
    ['fs01 down: not followed: removed'],
  );
});

test('a node that is disabled is followed until the last of its legs has ended, by the next collector as well', async (t) => {
  const [busy, idle] = [await server(t, 'fs01'), await server(t, 'fs02')];
  const table = await nodesTable(t);
  await table.add('fs01', busy.port);
  await table.add('fs02', idle.port);
  await table.query(
    `insert into legs (uuid, start_at, node, is_settled, end_at) values ('up', now(), 'fs01', false, null),
       ('over', now(), 'fs02', true, now()), ('lost', now(), 'fs02', false, now())`,
  );
  await table.query(`update nodes set state = 'disabled'`);
  const first = await startCollector(t, table);
  await until('live', () => first.states()['fs01'] === 'live');
  await first.service.stop();
  const second = await startCollector(t, { ...table, instance: 'two' });
  await until('live again', () => second.states()['fs01'] === 'live');
  assert.equal(idle.commands.length, 0, 'nothing is up on the other');
  await table.query(`update legs set is_settled = true, end_at = now() where uuid = 'up'`);
  await until('let go', () => busy.sockets.size === 0);
  assert.deepEqual(second.states(), {});
});

test('a server with an unknown name is refused and discovered', async (t) => {
  const node = await server(t, 'fs99');
  const table = await nodesTable(t);
  await table.add('fs01', node.port);
  const collector = await startCollector(t, table);
  await until('refused', () => collector.states()['fs01'] === 'refused');
  await allPublished(collector);
  assert.match(changes(collector).at(-1)?.reason ?? '', /calls itself "fs99", not "fs01"/);
  const { rows } = await table.query('select switchname, address from discovered_nodes');
  assert.deepEqual(rows, [{ switchname: 'fs99', address: `127.0.0.1:${node.port}` }]);
  assert.ok(!node.commands.some((command) => command.startsWith('event')), 'nothing of it is followed');
});

test('two servers with one name are told apart from one server reached twice', async (t) => {
  const first = await server(t, 'fs01');
  const clone = await server(t, 'fs01', { api: { 'global_getvar core_uuid': 'other-core' } });
  const table = await nodesTable(t);
  await table.add('fs01', first.port);
  const collector = await startCollector(t, table);
  await until('live', () => collector.states()['fs01'] === 'live');
  await table.add('fs02', clone.port);
  await table.add('fs03', first.port);
  await until(
    'judged',
    () => collector.states()['fs02'] !== undefined && collector.states()['fs03'] === 'refused',
  );
  await until('duplicate', () => collector.states()['fs02'] === 'duplicate-switchname');
  await allPublished(collector);
  assert.match(
    changes(collector).find(({ state }) => state === 'duplicate-switchname')?.reason ?? '',
    new RegExp(
      `two servers have the switchname "fs01": .*:${clone.port} runs core other-core, .*:${first.port} ran core ${CORE}`,
    ),
  );
  assert.match(changes(collector).find(({ state }) => state === 'refused')?.reason ?? '', /is followed at/);
  assert.equal(collector.states()['fs01'], 'live');
});

test('a password that cannot be decrypted refuses that node and no other', async (t) => {
  const [good, bad] = [await server(t, 'fs01'), await server(t, 'fs02')];
  const table = await nodesTable(t);
  await table.add('fs01', good.port);
  await table.add('fs02', bad.port);
  await table.query(`update nodes set esl_password_encrypted = 'v1.AAAA' where switchname = 'fs02'`);
  const collector = await startCollector(t, table);
  await until(
    'both',
    () => collector.states()['fs01'] === 'live' && collector.states()['fs02'] === 'refused',
  );
  await allPublished(collector);
  assert.match(changes(collector).find(({ state }) => state === 'refused')?.reason ?? '', /SECRETS_KEY/);
});

test('an event that cannot be read is followed by a resync', async (t) => {
  const node = await server(t, 'fs01');
  const table = await nodesTable(t);
  await table.add('fs01', node.port);
  const collector = await startConfirmed(t, table);
  for (const socket of node.sockets) {
    socket.write('Content-Length: 3\nContent-Type: text/event-json\n\n{x}');
  }
  await until('a resync', () => sets(collector).length > 2);
});

test('a server that cannot tell its channels is followed all the same, and asked again until it can', async (t) => {
  let list = '-ERR Database error!\n';
  const node = await server(t, 'fs01', {
    api: { 'show channels as json': () => list },
    onSubscribed: (socket) => socket.write(eventFrame(CREATE)),
  });
  const table = await nodesTable(t);
  await table.add('fs01', node.port);
  // ten times as fast: asked again after 10 s
  const clock = createClock({ began: Date.now(), rate: 10 });
  const collector = await startCollector(t, { ...table, clock });
  await until('live', () => collector.states()['fs01'] === 'live');
  await allPublished(collector);
  assert.deepEqual(statesOf(collector, 'fs01'), ['connecting', 'syncing', 'live']);
  const [event] = collector.bus.values<ChannelEvent>(TOPICS.channelEvents);
  assert.equal(event?.uuid, 'leg-1', 'what happens on it is told');
  const told = () => nodeEvents(collector).filter((said) => said.kind === 'resync');
  const failed = 'switchfleet_collector_resync_failures_total{node="fs01"';
  await until('asked again', async () =>
    /^[^#]\S* [2-9]/m.test(linesOf(await collector.metrics.metrics(), failed)),
  );
  assert.deepEqual(told(), [], 'nothing is said to be gone');
  list = '{"row_count":1,"rows":[{"uuid":"leg-1"}]}\n';
  await until('told', () => told().length > 0);
  assert.deepEqual(told()[0]?.uuids, ['leg-1']);
});

test('a full bus holds the server back; what is dropped after that is made good by a resync, hangups are not', async (t) => {
  const table = await nodesTable(t);
  const stamp = (i: number) => ({
    'Core-UUID': CORE,
    'FreeSWITCH-Switchname': 'fs01',
    'Event-Sequence': String(i),
    'Event-Date-Timestamp': '1795207867557048',
  });
  let list = '{"row_count": 0}\n';
  const node = await server(t, 'fs01', { api: { 'show channels as json': () => list } });
  await table.add('fs01', node.port);
  const limits = { outbox: { records: 50, holdMs: 200 } };
  const collector = await startConfirmed(t, { ...table, limits });
  await allPublished(collector);
  collector.bus.isAway = true;
  const [socket] = node.sockets;
  const send = (name: string, uuid: string, i: number) =>
    socket?.write(
      eventFrame({ 'Event-Name': name, 'Unique-ID': uuid, ...stamp(i), filler: 'x'.repeat(7_000) }),
    );
  for (let i = 0; i < 2_000; i += 1) send('CHANNEL_ANSWER', `leg-${i}`, i);
  for (let i = 0; i < 20; i += 1) send('CHANNEL_HANGUP', `leg-${i}`, 5_000 + i);
  const lost = 'switchfleet_collector_events_dropped_total{node="fs01",event="CHANNEL_ANSWER"';
  await until('events are dropped', async () => (await collector.metrics.metrics()).includes(lost));
  const live = Array.from({ length: 1_980 }, (_, i) => `leg-${i + 20}`);
  list = JSON.stringify({ row_count: live.length, rows: live.map((uuid) => ({ uuid })) });
  collector.bus.isAway = false;
  const hangups = () =>
    collector.bus
      .values<ChannelEvent>(TOPICS.channelEvents)
      .filter((event) => event.event_name === 'CHANNEL_HANGUP').length;
  await until('all hangups', () => hangups() === 20);
  await until('a resync', () => sets(collector).length > 2);
  const told = () =>
    new Set(collector.bus.values<ChannelEvent>(TOPICS.channelEvents).map(({ uuid }) => uuid));
  const isAskedFor = (uuid: string) => node.commands.includes(`api uuid_dump ${uuid} json`);
  await until('what was dropped is asked for', () => {
    const known = told();
    return live.every((uuid) => known.has(uuid) || isAskedFor(uuid));
  });
  assert.ok(live.some(isAskedFor));
});

test('an address that says nothing of a node is not written down; one of its own is, until it has another host', async (t) => {
  const table = await nodesTable(t);
  const node = await server(t, 'fs01');
  await table.add('fs01', node.port);
  await table.query(`update nodes set esl_host = 'localhost'`);
  const told = async () =>
    (await table.query(`select keys from config_changes where table_name = 'nodes'`)).rows.length;
  const known = async () =>
    (await readKnownPeers(table)).map(({ address }) => address).filter((address) => isIP(address) !== 0);
  const write = (address: string | null) => writeNodeAddress(table, { node: 'fs01', address });
  await write('192.0.2.14');
  assert.deepEqual(await known(), ['192.0.2.14']);
  const before = await told();
  await write('192.0.2.14');
  assert.equal(await told(), before, 'nothing new');
  await startCollector(t, table);
  await until('its tunnel is not taken for it', async () => (await known()).length === 0);
  assert.equal(await told(), before + 1);
  for (const shared of ['127.0.0.1', '::1', '0.0.0.0', 'fe80::1', '::ffff:127.0.0.1'])
    await assert.rejects(write(shared), { code: '23514' }, shared);
  await write('192.0.2.14');
  await table.query(`update nodes set region = 'west'`);
  assert.deepEqual(await known(), ['192.0.2.14']);
  await table.query(`update nodes set esl_host = 'fs01.example'`);
  assert.deepEqual(await known(), []);
});
