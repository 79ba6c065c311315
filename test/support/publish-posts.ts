import { openBus } from '../../libs/bus/open-bus.ts';
import { createClock } from '../../libs/clock/clock.ts';
import { loadConfig } from '../../libs/config/config.ts';
import { DEFAULT_KEPT_VARIABLES, keptVariables } from '../../libs/freeswitch/cdr/kept-variables.ts';
import { toOutgoing } from '../../libs/freeswitch/cdr/posted-cdr.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { createMetrics } from '../../libs/telemetry/metrics.ts';
import type { RecordedCdr } from './recorded-cdrs.ts';

/** Publishes posts as service cdr does; resolves when they are durable. */
export async function publishPosts(connectionString: string, posts: readonly RecordedCdr[]): Promise<void> {
  const config = loadConfig({ DATABASE_URL: connectionString });
  const logger = createLogger({ service: 'test', level: 'silent' });
  const bus = await openBus({ config, logger, metrics: createMetrics('publisher'), clock: createClock() });
  const keepVariable = keptVariables(DEFAULT_KEPT_VARIABLES);
  for (const [at, { body, url, contentType }] of posts.entries()) {
    const post = {
      body,
      url,
      contentType,
      sourceIp: '127.0.0.1',
      node: undefined,
      receivedUs: 1_795_300_000_000_000 + at,
    };
    const { topic, record } = toOutgoing(post, keepVariable);
    await bus.publish(topic, [record]);
  }
  await bus.close();
}
