import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openPool, type Pool } from '../../../libs/postgres/database.ts';
import type { NodeEvent } from '../../../libs/records/node-event.ts';
import { TOPICS } from '../../../libs/records/topics.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { beat, claimLeases, countMembers, renewLeases } from '../../../services/collector/leases.sql.ts';
import { recordingBus } from '../../support/recording-bus.ts';
import { stubNode } from '../../support/stub-node.ts';
import { until } from '../../support/until.ts';
import { nodesTable, startCollector } from './collector.ts';

const api = (switchname: string) => ({
  switchname,
  'global_getvar core_uuid': `core-of-${switchname}`,
  'show channels as json': '{"row_count": 0}\n',
  'show registrations as json': '{"row_count": 0}\n',
});

function openPoolOf(t: TestContext, connectionString: string): Pool {
  const logger = createLogger({ service: 'test', level: 'silent' });
  const pool = openPool({ connectionString, name: 'test', size: 8, timeoutMs: 5_000, logger });
  t.after(() => pool.end());
  return pool;
}

test('claimers that come together never get the same node', async (t) => {
  const table = await nodesTable(t);
  const nodes = Array.from({ length: 40 }, (_, i) => `fs${i}`);
  const pool = openPoolOf(t, table.connectionString);
  const claim = (instance: string) => claimLeases(pool, { instance, leaseMs: 60_000, nodes, limit: 15 });
  const claims = await Promise.all(['a', 'b', 'c', 'd'].map(claim));
  const all = claims.flat();
  assert.equal(new Set(all).size, all.length, 'a node has two holders');
  for (const claimed of claims) assert.ok(claimed.length <= 15);
  assert.deepEqual((await renewLeases(pool, 'a', 60_000)).sort(), claims[0]?.sort());
});

test('two collectors share the nodes, and one that leaves leaves them to the other', async (t) => {
  const table = await nodesTable(t);
  const servers = await Promise.all(['fs01', 'fs02'].map((name) => stubNode(t, { api: api(name) })));
  for (const [i, server] of servers.entries()) await table.add(`fs0${i + 1}`, server.port);
  const limits = { leaseMs: 800 };
  const one = await startCollector(t, { ...table, instance: 'one', limits });
  await until(
    'one has both',
    () => Object.values(one.states()).filter((state) => state === 'live').length === 2,
  );
  const two = await startCollector(t, { ...table, instance: 'two', limits });
  await until(
    'shared',
    () => Object.keys(one.states()).length === 1 && Object.keys(two.states()).length === 1,
  );
  await until('one connection each', () => servers.every(({ sockets }) => sockets.size === 1));
  await one.service.stop();
  await until(
    'two has both',
    () => Object.values(two.states()).filter((state) => state === 'live').length === 2,
  );
});

test('the nodes of a collector that fell silent are followed by another after a lease, and the first lets go when it comes back', async (t) => {
  const table = await nodesTable(t);
  const server = await stubNode(t, { api: api('fs01') });
  await table.add('fs01', server.port);
  const limits = { leaseMs: 800 };
  // a holder that was killed: its row is all that is left of it
  await table.query(
    `insert into node_leases (node, holder, expires_at) values ('fs01', 'dead', now() + interval '1 minute')`,
  );
  const heir = await startCollector(t, { ...table, instance: 'heir', limits });
  assert.deepEqual(heir.states(), {}, 'not before the lease is over');
  await table.query(`update node_leases set expires_at = now() where holder = 'dead'`);
  await until('followed', () => heir.states()['fs01'] === 'live', 20_000);
  await table.query(`update node_leases set holder = 'usurper', expires_at = now() + interval '1 minute'`);
  await until('let go', () => server.sockets.size === 0, 20_000);
  assert.deepEqual(heir.states(), {});
});

test('what a collector left that was killed before the clock of the database was set back by hours is free after a lease', async (t) => {
  const table = await nodesTable(t);
  const names = ['fs01', 'fs02'];
  const servers = await Promise.all(names.map((name) => stubNode(t, { api: api(name) })));
  for (const [i, server] of servers.entries()) await table.add(`fs0${i + 1}`, server.port);
  await table.query(
    `insert into node_leases (node, holder, expires_at) select node, 'dead', now() + interval '2 hours'
     from unnest($1::text[]) as held (node)`,
    [names],
  );
  await table.query(
    `insert into collector_members (instance_id, seen_at) values ('dead', now() + interval '2 hours')`,
  );
  const heir = await startCollector(t, { ...table, instance: 'heir', limits: { leaseMs: 800 } });
  const both = () => Object.values(heir.states()).join() === 'live,live';
  await until('both, since nobody shares them', both, 10_000);
});

test('of collectors that live nobody takes a node when the clock of the database is set back', async (t) => {
  const { connectionString, query } = await nodesTable(t);
  const pool = openPoolOf(t, connectionString);
  const leaseMs = 6_000;
  const nodes = ['fs01', 'fs02'];
  for (const instance of ['one', 'two']) await beat(pool, instance, leaseMs);
  const claim = (instance: string, limit: number) => claimLeases(pool, { instance, leaseMs, nodes, limit });
  for (const instance of ['one', 'two']) assert.equal((await claim(instance, 1)).length, 1);
  await query(`update node_leases set expires_at = expires_at + interval '2 hours'`);
  await query(`update collector_members set seen_at = seen_at + interval '2 hours'`);
  await beat(pool, 'one', leaseMs);
  assert.equal(await countMembers(pool), 2);
  assert.deepEqual(await claim('one', 2), [], 'two renews it in a moment');
  await query(`update node_leases set expires_at = expires_at - interval '7 seconds'`);
  assert.deepEqual(await claim('one', 2), nodes, 'a lease later at the latest they are free');
});

test('of the leases of an earlier run under its name a collector keeps no more than its share', async (t) => {
  const table = await nodesTable(t);
  const names = ['fs01', 'fs02'];
  const servers = await Promise.all(names.map((name) => stubNode(t, { api: api(name) })));
  for (const [i, server] of servers.entries()) await table.add(`fs0${i + 1}`, server.port);
  await table.query(
    `insert into node_leases (node, holder, expires_at) select node, 'one', now() + interval '1 minute'
     from unnest($1::text[]) as held (node)`,
    [names],
  );
  const limits = { leaseMs: 800 };
  const two = await startCollector(t, { ...table, instance: 'two', limits });
  assert.deepEqual(two.states(), {}, 'all are held');
  const one = await startCollector(t, { ...table, instance: 'one', limits });
  await until(
    'shared',
    () => [one, two].every(({ states }) => Object.values(states()).join() === 'live'),
    10_000,
  );
});

test('a database that is away drops no connection', async (t) => {
  const table = await nodesTable(t);
  const server = await stubNode(t, { api: api('fs01') });
  await table.add('fs01', server.port);
  const collector = await startCollector(t, { ...table, limits: { leaseMs: 400 } });
  await until('live', () => collector.states()['fs01'] === 'live');
  await table.query('alter table node_leases rename to node_leases_away');
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  assert.deepEqual([collector.states(), server.sockets.size], [{ fs01: 'live' }, 1]);
  await table.query('alter table node_leases_away rename to node_leases');
  await until('renewed', async () => {
    const { rows } = await table.query<{ valid: boolean }>(
      'select expires_at > now() as valid from node_leases',
    );
    return rows[0]?.valid === true;
  });
  assert.equal(server.commands.filter((command) => command.startsWith('auth')).length, 1);
});

test('a collector that alone lost the database keeps its nodes until another one follows them, and only those', async (t) => {
  const table = await nodesTable(t);
  const servers = await Promise.all(['fs01', 'fs02'].map((name) => stubNode(t, { api: api(name) })));
  for (const [i, server] of servers.entries()) await table.add(`fs0${i + 1}`, server.port);
  const limits = { leaseMs: 800 };
  const bus = recordingBus();
  const cut = await startCollector(t, { ...table, instance: 'cut', limits, bus });
  await until('both', () => Object.values(cut.states()).join() === 'live,live');
  cut.cutOff(true);
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  assert.equal(Object.values(cut.states()).join(), 'live,live', 'nobody took them');
  const heir = await startCollector(t, { ...table, instance: 'heir', limits, bus });
  await until('taken over', () => Object.values(heir.states()).join() === 'live,live', 20_000);
  await until('let go', () => Object.keys(cut.states()).length === 0, 20_000);
  await until('one connection each', () => servers.every(({ sockets }) => sockets.size === 1));
  await until('all is published', () =>
    [cut, heir].every(({ service }) => service.health().details?.['waiting'] === 0),
  );
  const said = bus.values<NodeEvent>(TOPICS.nodeEvents).filter((event) => event.kind === 'state');
  for (const node of ['fs01', 'fs02'])
    assert.equal(said.findLast((event) => event.node === node)?.state, 'live', 'who lost it is silent');
  cut.cutOff(false);
  await until('shared again', () => Object.keys(cut.states()).length === 1, 20_000);
});
