import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../support/until.ts';
import { faultRun } from './fault-run.ts';

test('a collector that is killed under load is followed by another within 10 s, and no leg stays open that is gone', async (t) => {
  // half of the nodes post no CDRs: only events and resyncs say how their legs ended
  const run = await faultRun(t, { nodes: 4, postsCdrs: (name) => name === 'fs01' || name === 'fs03' });
  const first = run.collect('first');
  await run.fleet.subscribed();
  run.collect('second');
  await until('shared', async () => (await run.heldBy('second')).length === 2, 30_000);
  await run.fleet.subscribed();
  const playing = run.fleet.load({ cps: 8, seconds: 25 });
  await until('in mid-load', () => playing.calls > 40, 30_000);
  const orphans = await run.heldBy('first');
  assert.equal(orphans.length, 2);
  await first.stop('SIGKILL');
  const killedMs = performance.now();
  const isFollowed = async () =>
    (await run.heldBy('second')).length === 4 && run.fleet.nodes.every(({ subscribers }) => subscribers > 0);
  await until('followed again', isFollowed, 10_000);
  t.diagnostic(`followed again after ${((performance.now() - killedMs) / 1000).toFixed(1)} s`);
  await playing.finished;
  await run.noneOpenThatIsGone();
  assert.deepEqual(await run.acceptedWithoutCall(), []);
  const ends = await run.ends();
  t.diagnostic(`legs by their end: ${JSON.stringify(ends)}`);
  assert.ok((ends['resync'] ?? 0) > 0, 'some ended while nobody listened');
});
