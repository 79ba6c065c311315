import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { TOPICS } from '../../../../libs/records/topics.ts';
import { createMetrics } from '../../../../libs/telemetry/metrics.ts';
import { testBrokers } from '../../../support/stack/test-brokers.ts';
import { until } from '../../../support/until.ts';
import { openTestBus } from '../test-bus.ts';

const topics = [TOPICS.cdrs];
const records = (from: number) =>
  Array.from({ length: 10 }, (_, at) => ({ key: `leg-${from + at}`, value: { at: from + at } }));

test('how far a group is behind, by its members and from outside, also when its last member is gone', async (t) => {
  const metrics = createMetrics('test');
  const bus = await openTestBus(
    {
      KAFKA_BROKERS: (await testBrokers()).join(','),
      KAFKA_NAMESPACE: `watched-${randomBytes(4).toString('hex')}`,
      KAFKA_PARTITIONS: '2',
    },
    metrics,
  );
  t.after(() => bus.close());
  assert.ok(bus.groupLag, 'Kafka can tell');
  const total = async () => {
    const lags = (await bus.groupLag?.('writer', topics)) ?? [];
    return {
      records: lags.reduce((sum, lag) => sum + lag.records, 0),
      seconds: Math.max(...lags.map((lag) => lag.seconds)),
    };
  };
  await bus.publish(TOPICS.cdrs, records(0));
  assert.equal((await total()).records, 10, 'a group that never was has everything to apply');

  let applied = 0;
  const member = await bus.subscribe({
    topics,
    group: 'writer',
    onBatch: async (batch) => {
      applied += batch.length;
    },
  });
  await until('the member has applied all', () => applied === 10, 60_000);
  await until('its commit is seen from outside', async () => (await total()).records === 0, 30_000);
  assert.deepEqual(await total(), { records: 0, seconds: 0 });
  assert.match(
    await metrics.metrics(),
    /switchfleet_bus_lag_records\{group="writer",topic="switchfleet.cdrs",service="test"\} 0/,
  );
  assert.match(await metrics.metrics(), /switchfleet_bus_up\{service="test"\} 1/);

  await member.stop();
  await bus.publish(TOPICS.cdrs, records(10));
  const first = await total();
  assert.equal(first.records, 10);
  await bus.publish(TOPICS.cdrs, records(20));
  await until('the oldest record is older', async () => (await total()).seconds > first.seconds + 0.3);
  assert.equal((await total()).records, 20);
});
