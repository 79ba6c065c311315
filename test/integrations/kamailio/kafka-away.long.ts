import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openBus } from '../../../libs/bus/open-bus.ts';
import { createClock } from '../../../libs/clock/clock.ts';
import { loadConfig } from '../../../libs/config/config.ts';
import type { NodeLoad } from '../../../libs/records/node-load.ts';
import { TOPICS } from '../../../libs/records/topics.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { skipWithoutKamailio } from '../../support/kamailio/kamailio.ts';
import { openLab } from '../../support/kamailio/lab.ts';
import { startRoutingProcess } from '../../support/kamailio/routing-process.ts';
import { loadOf } from '../../support/routing/lab-fleet.ts';
import { startKafkaBroker } from '../../support/stack/kafka-broker.ts';
import { until } from '../../support/until.ts';

const AWAY_MS = 60_000;
const STALE_MS = 5_000;

test('Kafka stopped for a minute: calls go on, and the load counts again when it is back', {
  skip: skipWithoutKamailio(),
}, async (t) => {
  const broker = await startKafkaBroker();
  t.after(() => broker.stop());
  const kafka = { KAFKA_BROKERS: broker.address, ROUTING_STALE_MS: String(STALE_MS) };
  const lab = await openLab(t, {
    kamailio: async ({ connectionString }) => {
      const { url } = await startRoutingProcess(t, connectionString, kafka);
      return { routing: [url, url] };
    },
  });
  const config = loadConfig({ ...kafka, DATABASE_URL: lab.connectionString });
  const logger = createLogger({ service: 'test', level: 'silent' });
  const bus = await openBus({ config, logger, metrics: createMetrics('test'), clock: createClock() });
  t.after(() => bus.close());
  const say = async (node: string, load: Partial<NodeLoad>) => {
    const now = Date.now() * 1000;
    const value = loadOf(node, { max_sessions: 1_000, at_us: now, heartbeat_us: now, ...load });
    await bus.publish(TOPICS.load, [{ key: node, value }]);
  };
  const here = lab.kamailio.proxy.split(':')[0];
  /** What a few calls were answered, and how often each node got one. */
  const share = async () => {
    const statuses = new Set<number>();
    for (let call = 0; call < 6; call += 1)
      statuses.add((await lab.dial(`sip:+4930100@${here}`, { by: lab.carrier1 })).status);
    return {
      statuses: [...statuses],
      fs01: lab.fs01.invites.splice(0).length,
      fs02: lab.fs02.invites.splice(0).length,
    };
  };
  /** Says that one node is full, until calls avoid it. */
  const untilFull = (full: 'fs01' | 'fs02') =>
    until(
      `no calls for ${full}`,
      async () => {
        await say('fs01', { sessions: full === 'fs01' ? 1_000 : 0 });
        await say('fs02', { sessions: full === 'fs02' ? 1_000 : 0 });
        // while one of the two is heard of and the other is not, both are full
        const { statuses, fs01, fs02 } = await share();
        return String(statuses) === '200' && (full === 'fs01' ? fs01 : fs02) === 0;
      },
      60_000,
    );

  await untilFull('fs01');
  await broker.halt();
  const deadline = performance.now() + AWAY_MS;
  while (performance.now() < deadline) {
    assert.deepEqual((await share()).statuses, [200]);
    await sleep(500);
  }
  await broker.resume();
  await untilFull('fs02');
});
