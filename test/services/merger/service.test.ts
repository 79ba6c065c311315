import assert from 'node:assert/strict';
import { it } from 'node:test';
import { openBus } from '../../../libs/bus/open-bus.ts';
import { createClock } from '../../../libs/clock/clock.ts';
import { loadConfig } from '../../../libs/config/config.ts';
import { openDatabase } from '../../../libs/postgres/database.ts';
import type { Call } from '../../../libs/records/call.ts';
import type { Live } from '../../../libs/records/live.ts';
import { TOPICS } from '../../../libs/records/topics.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createMergerService } from '../../../services/merger/service.ts';
import { compareCalls, loadExpected } from '../../support/expected-calls.ts';
import { recordedFleet } from '../../support/recorded-fleet.ts';
import { testDatabase } from '../../support/stack/test-database.ts';
import { until } from '../../support/until.ts';

it('takes run 01 from the bus, tells of calls as they live, and publishes each when it is finished', async (t) => {
  const { connectionString } = await testDatabase(t);
  const config = loadConfig({
    DATABASE_URL: connectionString,
    MERGER_PORT: '0',
    CALL_GRACE_MS: '200',
    CALL_RETENTION_MONTHS: '1200',
  });
  const logger = createLogger({ service: 'test', level: 'silent' });
  const metrics = createMetrics('merger');
  const { events, cdrs } = recordedFleet('run-01');
  // calls that were long over are no news
  const clock = createClock({ start: Math.min(...events.map(({ received_us }) => received_us)) / 1000 });
  const database = openDatabase({ config, logger });
  const bus = await openBus({ config, logger, metrics, clock });
  const service = createMergerService({ config, clock, logger, metrics, bus, database });
  t.after(async () => {
    await bus.close();
    await database.stop();
  });
  await service.start();
  const published = new Map<string, Call>();
  const live: Live[] = [];
  const follower = await bus.follow({
    topics: [TOPICS.calls, TOPICS.live],
    onRecords: (records) => {
      for (const { topic, key, value } of records) {
        if (topic === TOPICS.live) live.push(value as Live);
        else published.set(key, value as Call);
      }
    },
  });
  await bus.publish(
    TOPICS.channelEvents,
    events.map((event) => ({ key: event.uuid, value: event })),
  );
  await bus.publish(
    TOPICS.cdrs,
    cdrs.map((cdr) => ({ key: cdr.cdr.uuid, value: cdr })),
  );
  const whole = () => [...published.values()].filter(({ merged_into }) => merged_into === null);
  const expected = await loadExpected('run-01');
  await until('all calls are published', () => compareCalls(expected, whole()).length === 0, 30_000);
  // another topic: it may be delivered later
  const kindsOf = (said: Live) =>
    [said, ...('before' in said ? (said.before ?? []) : [])].map(({ kind }) => kind);
  const started = () => live.flatMap(kindsOf).filter((kind) => kind === 'call-started').length;
  await until('all of them were told of', () => started() >= expected.calls.length);
  assert.deepEqual(service.health(), { ready: true, reasons: [] });
  await follower.stop();
  await service.stop();
  assert.equal(service.health().ready, false);
});
