import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BusRecord } from '../../../libs/bus/bus.ts';
import { CodedError } from '../../../libs/errors/coded-error.ts';
import type { Call } from '../../../libs/records/call.ts';
import { TOPICS, type Topic } from '../../../libs/records/topics.ts';
import { recordedFleet } from '../../support/recorded-fleet.ts';
import { applyAll, deliveries, fleetMergers, settle } from './fleet-mergers.ts';

const DEEP = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) as unknown;
const NUL = 'fs\u000001';

function deliver(topic: Topic, value: unknown) {
  return { topic, key: 'k', value, partition: 0, offset: '0', publishedUs: 0 };
}

test('a record that cannot be stored is left out, of whatever topic, and the rest of its batch is stored', async (t) => {
  const fleet = await fleetMergers(t, 1);
  const [merger] = fleet.mergers;
  const at_us = fleet.clock.nowAtUs;
  const state = (node: string) => ({
    ...{ v: 1, kind: 'state', node, at_us, received_us: at_us, state: 'live', reason: 'test' },
    ...{ core_uuid: `core of ${node}`, clock_offset_us: 0 },
  });
  const register = (node: string, user: string) => ({
    ...{
      v: 1,
      kind: 'register',
      node,
      core_uuid: 'core',
      at_us,
      user,
      domain: 'lab.test',
      contact: 'sip:a@b',
    },
    ...{
      call_id: null,
      profile: null,
      network_ip: null,
      network_port: null,
      user_agent: null,
      expires_us: null,
    },
  });
  const load = (node: string) => ({
    ...{ v: 1, node, core_uuid: null, at_us, heartbeat_us: null, sessions: 1, max_sessions: null },
    ...{ sessions_per_second: null, max_sessions_per_second: null, idle_cpu: null, uptime_ms: null },
    ...{ version: null, sessions_total: null, sessions_peak: null, trunks: {} },
  });
  const event = (uuid: string, event_name: string, headers: Record<string, string> = {}) => ({
    ...{ v: 1, uuid, node: 'fs01', core_uuid: 'core', event_name, event_subclass: null, sequence: 1 },
    ...{ at_us, received_us: at_us, headers, variables: {} },
  });
  const created = { 'Caller-Channel-Created-Time': String(at_us) };
  const batch = [
    ...[state('fs01'), state(NUL), { ...state('fs02'), extra: DEEP }].map((value) =>
      deliver(TOPICS.nodeEvents, value),
    ),
    ...[register('fs01', 'a'), register('fs01', 'b\u0000'), register('fs01', 'c')].map((value) =>
      deliver(TOPICS.registrations, value),
    ),
    ...[load('fs01'), { ...load('fs02'), at_us: 1e300 }, { ...load('fs03'), extra: DEEP }].map((value) =>
      deliver(TOPICS.load, value),
    ),
    ...[
      event('leg-1', 'CHANNEL_CREATE', created),
      event('leg-1', 'CUSTOM\u0000', created),
      event('leg-2', 'CUSTOM\u0000'),
      event('leg-3', 'CUSTOM'),
    ].map((value) => deliver(TOPICS.channelEvents, value)),
  ];
  await merger?.apply(batch);
  const rows = async (sql: string) =>
    (await fleet.database.write.query<{ name: string }>(sql)).rows.map(({ name }) => name);
  assert.deepEqual(await rows('select node as name from node_evidence order by 1'), ['fs01']);
  assert.deepEqual(await rows('select user_id as name from registrations order by 1'), ['a', 'c']);
  assert.deepEqual(await rows('select node as name from node_status_minutes order by 1'), ['fs01']);
  assert.deepEqual(await rows('select uuid as name from leg_events order by 1'), ['leg-1', 'leg-3']);
  assert.deepEqual(await rows('select uuid as name from legs order by 1'), ['leg-1']);
  const { values } = (await fleet.metrics[0]?.records.get()) ?? { values: [] };
  const unstorable = values.filter(({ labels }) => labels.outcome === 'unstorable');
  assert.equal(
    unstorable.reduce((sum, { value }) => sum + value, 0),
    6,
  );
  // a uuid that is stored as another text: its row is not found again
  await merger?.apply(
    [event('half \ud800', 'CHANNEL_CREATE', created), event('leg-4', 'CHANNEL_CREATE', created)].map(
      (value) => deliver(TOPICS.channelEvents, value),
    ),
  );
  assert.deepEqual(await rows('select uuid as name from legs order by 1'), ['leg-1', 'leg-4']);
});

test('a number, a name or a Call-ID of any length and script keeps no leg out of the store', async (t) => {
  const fleet = await fleetMergers(t, 1);
  const [merger] = fleet.mergers;
  const at_us = fleet.clock.nowAtUs;
  // as long as an event carries it; PostgreSQL would pack a text that repeats itself
  const long = String.fromCodePoint(
    ...Array.from({ length: 2_048 }, (_, i) => 0x4e00 + ((i * 7_919) % 20_000)),
  );
  const said = [
    { headers: { 'Caller-Caller-ID-Number': long } },
    { headers: { 'Caller-Destination-Number': long } },
    { headers: { 'Caller-Caller-ID-Name': long, 'Hangup-Cause': long } },
    { variables: { sip_call_id: long } },
    { variables: { accountcode: long } },
    { variables: { domain_name: long, sip_gateway_name: long } },
  ].map(({ headers = {}, variables = {} }, i) =>
    deliver(TOPICS.channelEvents, {
      ...{ v: 1, uuid: `leg-${i}`, node: 'fs01', core_uuid: 'core', event_name: 'CHANNEL_HANGUP' },
      ...{ event_subclass: null, sequence: 1, at_us, received_us: at_us, variables },
      headers: { 'Caller-Channel-Created-Time': String(at_us), 'Call-Direction': 'inbound', ...headers },
    }),
  );
  await merger?.apply(said);
  const { rows } = await fleet.database.write.query<{ uuid: string; number: string | null }>(
    'select l.uuid, coalesce(c.caller, c.callee) as number from legs l join calls c on c.id = l.call_id order by 1',
  );
  assert.deepEqual(
    rows.map(({ uuid }) => uuid),
    said.map(({ value }) => (value as { uuid: string }).uuid),
  );
  assert.equal(rows[0]?.number, long.slice(0, 512), 'as much as of the number in a CDR');
});

test('a call that the bus takes no record of holds up no other call', async (t) => {
  const fleet = await fleetMergers(t, 1);
  await applyAll(fleet.mergers, [deliveries(recordedFleet('run-01'))]);
  const publish = fleet.bus.publish.bind(fleet.bus);
  let refused: string | undefined;
  fleet.bus.publish = async (topic: Topic, records: readonly BusRecord[]) => {
    if (topic === TOPICS.calls) refused ??= records.at(3)?.key;
    const taken = records.filter(({ key }) => topic !== TOPICS.calls || key !== refused);
    await publish(topic, taken);
    if (taken.length < records.length) throw new CodedError('record-too-large', 'as a bus says');
  };
  await settle(fleet);
  const { rows } = await fleet.database.write.query<{ id: string }>(
    `select id from calls where state = 'finished' order by id`,
  );
  const published = new Set(fleet.bus.values<Call>(TOPICS.calls).map(({ id }) => id));
  assert.deepEqual(
    rows.map(({ id }) => id).filter((id) => !published.has(id)),
    [refused],
  );
  const copies = Map.groupBy(fleet.bus.values<Call>(TOPICS.calls), ({ id, revision }) => `${id} ${revision}`);
  assert.ok(Math.max(...copies.values().map((all) => all.length)) <= 2, 'none is there again and again');
  const waiting = await fleet.database.write.query('select from calls_outbox');
  assert.equal(waiting.rowCount, 0);
});
