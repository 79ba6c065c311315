import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../support/until.ts';
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
