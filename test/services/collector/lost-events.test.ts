import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClock } from '../../../libs/clock/clock.ts';
import type { NodeEvent } from '../../../libs/records/node-event.ts';
import { TOPICS } from '../../../libs/records/topics.ts';
import { eventFrame, stubNode } from '../../support/stub-node.ts';
import { until } from '../../support/until.ts';
import { nodesTable, startCollector } from './collector.ts';
import { faultRun } from './fault-run.ts';

/** The same numbers every time: every fifth event, in no pattern. */
function everyFifth(): () => boolean {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state % 5 === 0;
  };
}

test('20 % of the events lost: what the heartbeats and a resync say makes it good, and no call with a CDR is lost', async (t) => {
  const run = await faultRun(t, { nodes: 2, postsCdrs: (name) => name === 'fs01' });
  const isLost = everyFifth();
  let lost = 0;
  for (const node of run.fleet.nodes) {
    node.loses = ({ name }) => {
      const isGone = name !== 'HEARTBEAT' && isLost();
      if (isGone) lost += 1;
      return isGone;
    };
  }
  run.collect('one');
  await run.fleet.subscribed();
  const playing = run.fleet.load({ cps: 8, seconds: 15 });
  await playing.finished;
  assert.ok(lost > 200, `${lost} lost`);
  // nothing was disconnected: the nodes count fewer sessions than the collector does, and that is enough
  await run.noneOpenThatIsGone();
  for (const node of run.fleet.nodes) node.disconnect();
  await until('connected again', () => run.fleet.nodes.every(({ subscribers }) => subscribers > 0), 15_000);
  await run.noneOpenThatIsGone();
  assert.deepEqual(await run.acceptedWithoutCall(), []);
  const ends = await run.ends();
  t.diagnostic(`${lost} events lost; legs by their end: ${JSON.stringify(ends)}`);
  assert.ok((ends['resync'] ?? 0) > 0);
});

test('the set on connect says nothing of legs heard of a moment before it: a second one follows, and no third', async (t) => {
  const node = await stubNode(t, {
    api: {
      switchname: 'fs01',
      'global_getvar core_uuid': 'core',
      'show channels as json': '{"row_count": 0}\n',
      'show registrations as json': '{"row_count": 0}\n',
    },
  });
  const table = await nodesTable(t);
  await table.add('fs01', node.port);
  const { bus } = await startCollector(t, table);
  const sets = () => bus.values<NodeEvent>(TOPICS.nodeEvents).filter(({ kind }) => kind === 'resync');
  await until('two sets', () => sets().length === 2, 15_000);
  const [first, second] = sets();
  assert.ok((second?.at_us ?? 0) - (first?.at_us ?? 0) > 5_000_000);
  await new Promise((resolve) => setTimeout(resolve, 7_000));
  assert.equal(sets().length, 2);
});

test('a busy server, whose sets never show its youngest calls, is asked twice as well, and no more', async (t) => {
  const begunMs = new Map<string, number>();
  const node = await stubNode(t, {
    api: {
      switchname: 'fs01',
      'global_getvar core_uuid': 'core',
      'show channels as json': () => {
        const shown = [...begunMs].filter(([, at]) => performance.now() - at > 100);
        return JSON.stringify({ row_count: shown.length, rows: shown.map(([uuid]) => ({ uuid })) });
      },
      'show registrations as json': '{"row_count": 0}\n',
    },
    onSubscribed: (socket) => {
      const calling = setInterval(() => {
        const uuid = `leg-${begunMs.size}`;
        begunMs.set(uuid, performance.now());
        const at = String(Date.now() * 1_000);
        socket.write(
          eventFrame({
            ...{ 'Event-Name': 'CHANNEL_CREATE', 'Unique-ID': uuid, 'Core-UUID': 'core' },
            ...{ 'FreeSWITCH-Switchname': 'fs01', 'Event-Sequence': String(begunMs.size) },
            ...{ 'Event-Date-Timestamp': at, 'Caller-Channel-Created-Time': at },
          }),
        );
      }, 20);
      socket.on('close', () => clearInterval(calling));
    },
  });
  const table = await nodesTable(t);
  await table.add('fs01', node.port);
  // ten times as fast: a set is confirmed after 0.6 s
  const clock = createClock({ began: Date.now(), rate: 10 });
  const { bus } = await startCollector(t, { ...table, clock });
  const sets = () => bus.values<NodeEvent>(TOPICS.nodeEvents).filter(({ kind }) => kind === 'resync');
  await until('two sets', () => sets().length === 2, 15_000);
  const known = begunMs.size;
  await until('a hundred calls later', () => begunMs.size > known + 100, 15_000);
  assert.equal(sets().length, 2);
});
