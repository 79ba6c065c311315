import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startKafkaBroker } from '../../support/stack/kafka-broker.ts';
import { until } from '../../support/until.ts';
import { faultRun } from './fault-run.ts';

test('a Kafka broker that is killed and comes back costs no connection and no event', async (t) => {
  const broker = await startKafkaBroker();
  t.after(() => broker.stop());
  const run = await faultRun(t, { nodes: 2, brokers: broker.address });
  const collector = run.collect('one');
  await run.fleet.subscribed();
  const playing = run.fleet.load({ cps: 6, seconds: 40 });
  await until('in mid-load', () => playing.calls > 20, 20_000);
  await broker.halt('SIGKILL');
  await sleep(8_000);
  await broker.resume();
  await playing.finished;
  await run.noneOpenThatIsGone();
  assert.deepEqual(await run.acceptedWithoutCall(), []);
  assert.deepEqual(
    run.fleet.nodes.map((node) => [node.counts.sessions, node.counts.lost]),
    [
      [1, 0],
      [1, 0],
    ],
    collector.output(),
  );
  // A CDR may come before the hangup that was sent before it: they are of two topics.
  const areHangups = async () => Object.keys(await run.ends()).join() === 'hangup';
  await until('every hangup arrived', areHangups, 30_000).finally(async () =>
    t.diagnostic(`legs by their end: ${JSON.stringify(await run.ends())}`),
  );
});
