import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProxy } from '../../libs/postgres/proxy.ts';
import { until } from '../../support/until.ts';
import { faultRun } from './fault-run.ts';

test('a database that falls silent for longer than a lease costs no connection and no event', async (t) => {
  const run = await faultRun(t, { nodes: 2 });
  const proxy = await startProxy(run.connectionString);
  t.after(() => proxy.close());
  const collector = run.collect('one', { DATABASE_URL: proxy.connectionString });
  await run.fleet.subscribed();
  const playing = run.fleet.load({ cps: 6, seconds: 24 });
  await until('in mid-load', () => playing.calls > 20, 20_000);
  proxy.silence(true);
  await sleep(10_000);
  proxy.silence(false);
  proxy.cut();
  await playing.finished;
  await run.noneOpenThatIsGone();
  assert.deepEqual(await run.acceptedWithoutCall(), []);
  const { counts } = run.fleet;
  assert.deepEqual(
    run.fleet.nodes.map((node) => [node.counts.sessions, node.counts.lost]),
    [
      [1, 0],
      [1, 0],
    ],
    collector.output(),
  );
  // a CDR, which ends a leg as well, may be here before the hangup of the same leg
  let ends: Record<string, number> = {};
  const isAllHungUp = async () => {
    ends = await run.ends();
    return Object.keys(ends).join() === 'hangup';
  };
  await until('every hangup arrived', isAllHungUp).catch(() => undefined);
  t.diagnostic(`${counts.delivered} frames delivered; legs by their end: ${JSON.stringify(ends)}`);
  assert.deepEqual(Object.keys(ends), ['hangup'], 'every hangup arrived');
});

test('a node that stalls its socket is stale, then down, and followed again when it goes on', async (t) => {
  const run = await faultRun(t, { nodes: 2, postsCdrs: (name) => name === 'fs02' });
  run.collect('one');
  await run.fleet.subscribed();
  const stalled = run.fleet.node('fs01');
  const stateOf = async (node: string) => {
    const query = 'select state, reason from node_status where node = $1';
    const { rows } = await run.client.query<{ state: string; reason: string }>(query, [node]);
    return rows[0];
  };
  const reaches = (state: string, ms: number) =>
    until(`fs01 is ${state}`, async () => (await stateOf('fs01'))?.state === state, ms);
  const playing = run.fleet.load({ cps: 6, seconds: 20 });
  await until('in mid-load', () => playing.calls > 20, 20_000);
  await reaches('live', 20_000);
  stalled.stall();
  await reaches('stale', 20_000);
  await until('the other one goes on', async () => (await stateOf('fs02'))?.state === 'live');
  // what it says of its attempts to connect again comes after this
  await until('fs01 is down, and why', async () => {
    const { state, reason = '' } = (await stateOf('fs01')) ?? {};
    return state === 'down' && /nothing heard for .* no answer when asked/.test(reason);
  });
  stalled.resume();
  await reaches('live', 20_000);
  await playing.finished;
  await run.noneOpenThatIsGone();
  assert.deepEqual(await run.acceptedWithoutCall(), []);
  const ends = await run.ends();
  t.diagnostic(`legs by their end: ${JSON.stringify(ends)}`);
  assert.ok((ends['resync'] ?? 0) > 0, 'some ended while it stalled');
});
