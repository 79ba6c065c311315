import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NodeEvent, NodeState } from '../../../libs/records/node-event.ts';
import type { NodeLoad } from '../../../libs/records/node-load.ts';
import type { RegistrationEvent, RegistrationResync } from '../../../libs/records/registration.ts';
import { TOPICS, type Topic } from '../../../libs/records/topics.ts';
import { REGISTRATIONS } from '../../../libs/routing/tables/registrations.ts';
import { type FleetMergers, fleetMergers } from './fleet-mergers.ts';

const SECOND = 1_000_000;

function registration(
  seconds: number,
  more: Partial<RegistrationEvent> = {},
  startUs = 0,
): RegistrationEvent {
  return {
    v: 1,
    kind: 'register',
    node: 'fs01',
    core_uuid: 'core',
    at_us: startUs + seconds * SECOND,
    user: '1001',
    domain: 'lab.test',
    contact: 'sip:1001@127.7.0.31:5060',
    call_id: null,
    profile: 'internal',
    network_ip: '127.7.0.31',
    network_port: 5060,
    user_agent: 'phone',
    expires_us: startUs + (seconds + 3600) * SECOND,
    ...more,
  };
}

async function say(fleet: FleetMergers, topic: Topic, values: readonly unknown[]): Promise<void> {
  const records = values.map((value) => ({
    topic,
    key: '',
    value,
    partition: 0,
    offset: '0',
    publishedUs: 0,
  }));
  for (const merger of fleet.mergers) await merger.apply(records);
}

async function read({ database }: FleetMergers) {
  const { rows } = await database.write.query<{ node: string; is_ended: boolean }>(
    'select node, is_ended from registrations order by node',
  );
  const changes = await database.write.query<{ domain: string; keys: string[] }>(
    `select domain, keys from config_changes where table_name = 'registrations' order by id`,
  );
  return { rows, changes: changes.rows };
}

describe('registrations', () => {
  it('enter the change log when a node or contact is new or gone, and not when they are refreshed', async (t) => {
    const fleet = await fleetMergers(t, 1);
    const start = fleet.clock.nowAtUs;
    const change = { domain: 'lab.test', keys: ['1001'] };
    await say(fleet, TOPICS.registrations, [registration(0, {}, start)]);
    await say(fleet, TOPICS.registrations, [registration(60, {}, start)]);
    assert.deepEqual(await read(fleet), { rows: [{ node: 'fs01', is_ended: false }], changes: [change] });
    await say(fleet, TOPICS.registrations, [registration(70, { node: 'fs02' }, start)]);
    assert.equal((await read(fleet)).changes.length, 2);
    await say(fleet, TOPICS.registrations, [registration(80, { kind: 'unregister' }, start)]);
    await say(fleet, TOPICS.registrations, [registration(80, { kind: 'unregister' }, start)]);
    const after = await read(fleet);
    assert.deepEqual(
      after.rows.map(({ is_ended }) => is_ended),
      [true, false],
    );
    assert.equal(after.changes.length, 3);
  });

  it('end one by one when connections close, which names a Call-ID and no contact (sofia.c, socket-disconnection)', async (t) => {
    const fleet = await fleetMergers(t, 1);
    const start = fleet.clock.nowAtUs;
    const tab = { contact: 'sip:k2j5@h8.invalid;transport=ws', call_id: 'tab' };
    const closed = { kind: 'unregister', contact: null, expires_us: null } as const;
    await say(fleet, TOPICS.registrations, [
      registration(0, { call_id: 'desk' }, start),
      registration(1, tab, start),
      registration(2, { ...tab, node: 'fs02' }, start),
    ]);
    await say(fleet, TOPICS.registrations, [registration(10, { ...closed, call_id: 'tab' }, start)]);
    const { rows } = await fleet.database.write.query<{ name: string; is_ended: boolean }>(
      `select node || ' ' || call_id as name, is_ended from registrations order by 1`,
    );
    assert.deepEqual(rows, [
      { name: 'fs01 desk', is_ended: false },
      { name: 'fs01 tab', is_ended: true },
      { name: 'fs02 tab', is_ended: false },
    ]);
    await say(fleet, TOPICS.registrations, [registration(20, { ...closed, call_id: null }, start)]);
    assert.deepEqual(
      (await read(fleet)).rows.map(({ is_ended }) => is_ended),
      [true, true, false],
    );
  });

  it('outlive the connection that they were made by before, with the same Call-ID (a browser that came back at once)', async (t) => {
    const fleet = await fleetMergers(t, 1);
    const start = fleet.clock.nowAtUs;
    const at = (port: number) => ({
      contact: `sip:k2j5@h8.invalid;fs_path=sip:10.0.0.9:${port}`,
      call_id: 'tab',
    });
    const closed = { kind: 'unregister', contact: null, call_id: 'tab', expires_us: null } as const;
    const live = async () => {
      const { rows } = await fleet.database.write.query<{ contact: string }>(
        'select contact from registrations where not is_ended order by contact',
      );
      return rows.map(({ contact }) => contact);
    };
    await say(fleet, TOPICS.registrations, [
      registration(0, at(4001), start),
      registration(5, at(4002), start),
    ]);
    await say(fleet, TOPICS.registrations, [registration(60, closed, start)]);
    await say(fleet, TOPICS.registrations, [registration(60, closed, start)]);
    assert.deepEqual(await live(), [at(4002).contact], 'FreeSWITCH heard of the old connection late');
    await say(fleet, TOPICS.registrations, [registration(90, closed, start)]);
    assert.deepEqual(await live(), []);
  });

  it('are not revived by a record that comes late, and end when nobody refreshed them', async (t) => {
    const fleet = await fleetMergers(t, 1);
    const start = fleet.clock.nowAtUs;
    await say(fleet, TOPICS.registrations, [registration(10, {}, start)]);
    await say(fleet, TOPICS.registrations, [registration(20, { kind: 'expire', contact: null }, start)]);
    await say(fleet, TOPICS.registrations, [registration(10, {}, start)]);
    assert.deepEqual((await read(fleet)).rows, [{ node: 'fs01', is_ended: true }]);
    await say(fleet, TOPICS.registrations, [registration(30, {}, start)]);
    assert.deepEqual((await read(fleet)).rows, [{ node: 'fs01', is_ended: false }]);
    fleet.clock.nowAtUs = start + 3_800 * SECOND;
    for (const merger of fleet.mergers) await merger.tick();
    assert.deepEqual((await read(fleet)).rows, [{ node: 'fs01', is_ended: true }]);
  });

  it("do not end because a merger's clock is ahead of the database's", async (t) => {
    const aheadUs = 2 * 3_600 * SECOND;
    const fleet = await fleetMergers(t, 1, { aheadUs });
    const start = fleet.clock.nowAtUs - aheadUs;
    await say(fleet, TOPICS.registrations, [registration(0, {}, start)]);
    for (const merger of fleet.mergers) await merger.tick();
    assert.deepEqual((await read(fleet)).rows, [{ node: 'fs01', is_ended: false }]);
    fleet.clock.nowAtUs += 3_800 * SECOND;
    for (const merger of fleet.mergers) await merger.tick();
    assert.deepEqual((await read(fleet)).rows, [{ node: 'fs01', is_ended: true }]);
  });

  it('are stored in lower case, and those of one user are found by key among all phones', async (t) => {
    const fleet = await fleetMergers(t, 1);
    const { write } = fleet.database;
    await write.query(`insert into registrations (domain, user_id, node, contact, registered_at)
      select 'd' || n % 40 || '.test', 'u' || n, 'fs01', 'sip:x', now() from generate_series(1, 20000) n`);
    await say(fleet, TOPICS.registrations, [
      registration(0, { user: 'Alice', domain: 'LAB.test' }, fleet.clock.nowAtUs),
    ]);
    await write.query('analyze registrations');
    const { select, where } = REGISTRATIONS;
    const question = `select ${select} where ${where}`;
    const { rows } = await write.query(question, ['LAB.test', ['alice']]);
    assert.deepEqual(
      rows.map(({ domain, key, node }) => ({ domain, key, node })),
      [{ domain: 'lab.test', key: 'alice', node: 'fs01' }],
    );
    const plan = await write.query(
      `explain ${question.replace('$1', `'lab.test'`).replace('$2', `'{alice}'`)}`,
    );
    assert.doesNotMatch(JSON.stringify(plan.rows), /Seq Scan/);
  });
});

describe('the whole set of a node', () => {
  const set = (
    seconds: number,
    startUs: number,
    more: Partial<RegistrationResync> = {},
  ): RegistrationResync => ({
    v: 1,
    kind: 'resync',
    node: 'fs01',
    core_uuid: 'core',
    at_us: startUs + seconds * SECOND,
    after: null,
    through: null,
    registrations: [],
    ...more,
  });
  const known = async ({ database }: FleetMergers) => {
    const { rows } = await database.write.query<{ name: string }>(
      `select node || ' ' || user_id as name from registrations where not is_ended order by 1`,
    );
    return rows.map(({ name }) => name);
  };

  it('ends what the node does not list any more, and nothing of other nodes', async (t) => {
    const fleet = await fleetMergers(t, 1);
    const start = fleet.clock.nowAtUs;
    const gone = { user: '1002', contact: 'sip:1002@127.7.0.32:5060' };
    await say(fleet, TOPICS.registrations, [
      registration(0, {}, start),
      registration(0, gone, start),
      registration(0, { ...gone, node: 'fs02' }, start),
    ]);
    const listed = { user: '1001', domain: 'LAB.test', contact: 'sip:1001@127.7.0.31:5060' };
    await say(fleet, TOPICS.registrations, [set(60, start, { registrations: [listed] })]);
    assert.deepEqual(await known(fleet), ['fs01 1001', 'fs02 1002']);
    const { changes } = await read(fleet);
    assert.deepEqual(changes.at(-1), { domain: 'lab.test', keys: ['1002'] });
  });

  it('says nothing of what was heard a moment before or after it, nor of other ranges', async (t) => {
    const fleet = await fleetMergers(t, 1);
    const start = fleet.clock.nowAtUs;
    const phone = (user: string, seconds: number) =>
      registration(seconds, { user, contact: `sip:${user}@127.7.0.31` }, start);
    await say(
      fleet,
      TOPICS.registrations,
      ['1001', '1002', '1003'].map((user) => phone(user, 0)),
    );
    await say(fleet, TOPICS.registrations, [phone('1004', 58), phone('1005', 61)]);
    const range = { after: '1001@lab.test', through: '1002@lab.test' };
    await say(fleet, TOPICS.registrations, [set(60, start, range)]);
    assert.deepEqual(await known(fleet), ['fs01 1001', 'fs01 1003', 'fs01 1004', 'fs01 1005']);
    await say(fleet, TOPICS.registrations, [phone('1002', 57)]);
    assert.ok((await known(fleet)).includes('fs01 1002'), 'a REGISTER that the list did not show yet');
  });
});

describe('the load of a node', () => {
  const load = (at_us: number, sessions: number): NodeLoad => ({
    v: 1,
    node: 'fs01',
    core_uuid: 'core',
    at_us,
    heartbeat_us: at_us,
    sessions,
    max_sessions: 1000,
    sessions_per_second: 3,
    max_sessions_per_second: 30,
    idle_cpu: 91.5,
    uptime_ms: 1,
    version: '1.10.12',
    sessions_total: 5,
    sessions_peak: 5,
    trunks: {},
  });

  it('is kept as it was last, and by the minute with its peak', async (t) => {
    const fleet = await fleetMergers(t, 1);
    const minute = Math.floor(fleet.clock.nowAtUs / (60 * SECOND)) * 60 * SECOND;
    await say(fleet, TOPICS.load, [load(minute + 2, 9), load(minute + 1, 4)]);
    await say(fleet, TOPICS.load, [load(minute + 3, 6), load(minute + 60 * SECOND, 1)]);
    const status = await fleet.database.write.query<{ sessions: number }>(
      `select (load ->> 'sessions')::integer as sessions from node_status where node = 'fs01'`,
    );
    assert.deepEqual(status.rows, [{ sessions: 1 }]);
    const minutes = await fleet.database.write.query(
      'select sessions, sessions_max from node_status_minutes order by minute',
    );
    assert.deepEqual(minutes.rows, [
      { sessions: 6, sessions_max: 9 },
      { sessions: 1, sessions_max: 1 },
    ]);
  });

  it('and its state are told again after a clock was set back, whatever was said before', async (t) => {
    const fleet = await fleetMergers(t, 1);
    const hourUs = 3_600 * SECOND;
    const state = (name: NodeState, us: number): NodeEvent => ({
      v: 1,
      node: 'fs01',
      kind: 'state',
      state: name,
      reason: '',
      core_uuid: 'core',
      clock_offset_us: 0,
      at_us: us,
      received_us: us,
    });
    const nowUs = fleet.clock.nowAtUs;
    const stored = async () => {
      const { rows } = await fleet.database.write.query(
        `select state, (load ->> 'sessions')::integer as sessions from node_status`,
      );
      return rows;
    };
    await say(fleet, TOPICS.load, [load(nowUs + 2 * hourUs, 9)]);
    await say(fleet, TOPICS.nodeEvents, [state('live', nowUs + 2 * hourUs)]);
    assert.deepEqual(await stored(), [{ state: 'live', sessions: 9 }]);
    await say(fleet, TOPICS.load, [load(nowUs + hourUs, 8), load(nowUs - SECOND, 3)]);
    await say(fleet, TOPICS.nodeEvents, [state('stale', nowUs + hourUs), state('down', nowUs - SECOND)]);
    assert.deepEqual(await stored(), [{ state: 'down', sessions: 3 }]);
    await say(fleet, TOPICS.load, [load(nowUs - 2 * SECOND, 4)]);
    await say(fleet, TOPICS.nodeEvents, [state('syncing', nowUs - 2 * SECOND)]);
    assert.deepEqual(await stored(), [{ state: 'down', sessions: 3 }], 'what comes late is still late');
  });

  it('that is no load, an unknown record or a broken one, stops nothing', async (t) => {
    const fleet = await fleetMergers(t, 1);
    await say(fleet, TOPICS.load, [{ v: 1 }, null, 'text', load(1, 1)]);
    const { rows } = await fleet.database.write.query('select node from node_status');
    assert.deepEqual(rows, [{ node: 'fs01' }]);
  });
});
