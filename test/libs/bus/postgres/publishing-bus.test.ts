import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RECENT_BYTES } from '../../../../libs/bus/postgres/limits.ts';
import { unpackRecords } from '../../../../libs/bus/postgres/published-records.ts';
import { openPublishingBus } from '../../../../libs/bus/postgres/publishing-bus.ts';
import type { Published } from '../../../../libs/bus/published.ts';
import { loadConfig } from '../../../../libs/config/config.ts';
import { TOPICS } from '../../../../libs/records/topics.ts';
import { createLogger } from '../../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../../libs/telemetry/metrics.ts';
import { testDatabase } from '../../../support/stack/test-database.ts';

test('hands over what it committed, with its place, and no texts while too many are on their way', async (t) => {
  const { connectionString } = await testDatabase(t);
  const config = loadConfig({ DATABASE_URL: connectionString, BUS_TIMEOUT_MS: '60000' });
  const metrics = createMetrics('test');
  const all: Published[] = [];
  const bus = openPublishingBus({
    config,
    metrics,
    logger: createLogger({ service: 'test', level: 'silent' }),
    onPublished: (published) => all.push(published),
  });
  t.after(() => bus.close());
  const waiting = async () => {
    const { values } =
      (await metrics.getSingleMetric('switchfleet_bus_recent_bytes')?.get()) ?? assert.fail();
    return values[0]?.value;
  };
  await bus.publish(TOPICS.cdrs, [
    { key: 'ä', value: { name: 'Zoë', sign: '😀' } },
    { key: 'b', value: 7 },
  ]);
  const [first = assert.fail()] = all;
  assert.deepEqual(
    unpackRecords(first).map(({ key, text }) => [key, JSON.parse(String(text))]),
    [
      ['ä', { name: 'Zoë', sign: '😀' }],
      ['b', 7],
    ],
  );
  assert.equal(first.placement.firsts.length, 16);
  assert.equal(await waiting(), first.texts.byteLength);
  await bus.publish(TOPICS.cdrs, [{ key: 'c', value: 'x'.repeat(RECENT_BYTES) }]);
  await bus.publish(TOPICS.cdrs, [{ key: 'd', value: 8 }]);
  assert.deepEqual(
    all.map(({ records }) => records.length),
    [2, 1, 0],
  );
  bus.taken(await waiting().then((bytes = 0) => bytes));
  assert.equal(await waiting(), 0);
  await bus.publish(TOPICS.cdrs, [{ key: 'e', value: 9 }]);
  assert.equal(all.at(-1)?.records.length, 1);
});
