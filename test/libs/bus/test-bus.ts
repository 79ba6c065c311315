import type { Bus } from '../../../libs/bus/bus.ts';
import { openBus } from '../../../libs/bus/open-bus.ts';
import { createClock } from '../../../libs/clock/clock.ts';
import { loadConfig } from '../../../libs/config/config.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics, type Registry } from '../../../libs/telemetry/metrics.ts';

/** The environment variables that say where a bus is: DATABASE_URL, or KAFKA_BROKERS, and what the test tunes. */
export type TestEnvironment = Record<string, string>;

/** Opens a bus as a process with this environment would. */
export function openTestBus(
  environment: TestEnvironment,
  metrics: Registry = createMetrics('test'),
): Promise<Bus> {
  return openBus({
    config: loadConfig(environment),
    logger: createLogger({ service: 'test', level: process.env['TEST_LOG_LEVEL'] ?? 'silent' }),
    metrics,
    clock: createClock(),
  });
}
