import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { NodeCommandName } from '../../../libs/freeswitch/node-command.ts';
import {
  finishNodeCommand,
  readNodeCommand,
  requestNodeCommand,
  takeNodeCommands,
} from '../../../libs/store/node-command.sql.ts';
import type { CommandLimits } from '../../../services/collector/command-runner.ts';
import { type StubNode, stubNode } from '../../support/stub-node.ts';
import { until } from '../../support/until.ts';
import { nodesTable, startCollector } from './collector.ts';

/** What succeeds has time to, on a busy machine as well. */
const PATIENT = { runMs: 20_000, abandonedMs: 40_000, expireMs: 60_000, pollMs: 100 };

/** A node that is followed, and what asks for commands to it. */
async function followed(
  t: TestContext,
  api: Record<string, string | (() => string | null)>,
  limits: Partial<CommandLimits> = {},
) {
  const table = await nodesTable(t);
  const node: StubNode = await stubNode(t, {
    api: {
      switchname: 'fs01',
      'global_getvar core_uuid': 'core',
      'show channels as json': '{"row_count": 0}\n',
      'show registrations as json': '{"row_count": 0}\n',
      ...api,
    },
  });
  await table.add('fs01', node.port);
  const collector = await startCollector(t, { ...table, limits: { commands: { ...PATIENT, ...limits } } });
  await until('live', () => collector.states()['fs01'] === 'live');
  const ask = (command: NodeCommandName, argument: string | null = null, name = 'fs01') =>
    requestNodeCommand(table, { node: name, command, argument, requestedBy: 'test' });
  const outcome = async (id: number) => {
    const read = () => readNodeCommand(table, id);
    await until('finished', async () => typeof (await read())?.succeeded === 'boolean');
    const { succeeded, reply } = (await read()) ?? assert.fail();
    return { succeeded, reply };
  };
  return { table, node, collector, ask, outcome };
}

test('commands are run in their order, and what the node says is written down', async (t) => {
  const { node, collector, ask, outcome } = await followed(t, {
    'fsctl pause inbound': '+OK\n',
    'sofia profile external rescan': 'Reload XML [Success]\n+OK scan complete\n',
    'sofia profile nowhere rescan': 'Invalid Profile!\n',
  });
  const ids = [
    await ask('pause-inbound'),
    await ask('gateway-rescan', 'external'),
    await ask('gateway-rescan', 'nowhere'),
  ];
  const outcomes = await Promise.all(ids.map(outcome));
  assert.deepEqual(outcomes, [
    { succeeded: true, reply: '+OK' },
    { succeeded: true, reply: 'Reload XML [Success]\n+OK scan complete' },
    { succeeded: false, reply: 'Invalid Profile!' },
  ]);
  const asked = node.commands.filter((command) => /^api (fsctl|sofia)/.test(command));
  assert.deepEqual(asked, [
    'api fsctl pause inbound',
    'api sofia profile external rescan',
    'api sofia profile nowhere rescan',
  ]);
  const figures = await collector.metrics.metrics();
  assert.match(figures, /node_commands_total\{command="gateway-rescan",outcome="failed"(?:,[^}]*)?\} 1/);
});

test('an argument that is none never reaches the node', async (t) => {
  const { node, ask, outcome } = await followed(t, {});
  const { succeeded, reply } = await outcome(await ask('gateway-rescan', 'external rescan reloadxml'));
  assert.equal(succeeded, false);
  assert.match(reply ?? '', /takes a SIP profile/);
  assert.ok(!node.commands.some((command) => command.startsWith('api sofia')));
});

test('a node that does not answer, and a node that nobody follows: both are said to have failed in time', async (t) => {
  const impatient = { runMs: 300, expireMs: 1_000 };
  const { ask, outcome } = await followed(t, { 'fsctl resume inbound': () => null }, impatient);
  const unanswered = await ask('resume-inbound');
  const unfollowed = await ask('pause-inbound', null, 'fs99');
  assert.match((await outcome(unanswered)).reply ?? '', /no reply .* within 300 ms/);
  const { succeeded, reply } = await outcome(unfollowed);
  assert.equal(succeeded, false);
  assert.match(reply ?? '', /no collector is connected/);
});

test('what a collector took and never finished is taken again, by one of many', async (t) => {
  const table = await nodesTable(t);
  const take = (abandonedMs: number) => takeNodeCommands(table, { nodes: ['fs01'], abandonedMs });
  const request = { node: 'fs01', command: 'pause-inbound', argument: null, requestedBy: 'test' } as const;
  const id = await requestNodeCommand(table, request);
  const later = await requestNodeCommand(table, request);
  const first = await Promise.all([take(60_000), take(60_000), take(60_000)]);
  assert.deepEqual(
    first.flat().map((taken) => taken.id),
    [id],
  );
  assert.deepEqual(await take(60_000), [], 'the next one waits for it');
  await until('abandoned', async () => (await take(20))[0]?.id === id);
  await finishNodeCommand(table, { id, succeeded: true, reply: '+OK' });
  assert.equal((await take(60_000))[0]?.id, later);
  await finishNodeCommand(table, { id: later, succeeded: true, reply: '+OK' });
  const waiting = await requestNodeCommand(table, request);
  await table.query(`update node_commands set due_at = now() + interval '1 hour' where id = $1`, [waiting]);
  const due = await requestNodeCommand(table, request);
  assert.equal((await take(60_000))[0]?.id, due, 'one that is not due yet holds nothing up');
});

test('gateways are read anew when all that changed are removed and forgotten, however long that took', async (t) => {
  const table = await nodesTable(t);
  await table.add('fs01', 8021);
  const take = async () => (await takeNodeCommands(table, { nodes: ['fs01'], abandonedMs: 60_000 }))[0];
  const finish = async (id: number) => finishNodeCommand(table, { id, succeeded: true, reply: '+OK' });
  await table.query(`insert into trunks (name, host, registers_on, enabled) values ('one', 'a.example', 'fs01', false),
    ('two', 'a.example', 'fs01', false), ('three', 'a.example', null, true)`);
  await table.query('update trunks set enabled = true');
  await table.query(`delete from node_commands`);
  await table.query(`update trunks set host = 'b.example'`);
  const age = () => table.query(`update node_commands set due_at = due_at - interval '6 seconds'`);
  await age();
  for (const argument of ['external one', 'external two']) {
    const taken = await take();
    assert.equal(taken?.argument, argument);
    await finish(taken.id);
  }
  assert.equal(await take(), undefined, 'the last one is not forgotten yet');
  await age();
  assert.equal((await take())?.command, 'gateway-rescan');
});
