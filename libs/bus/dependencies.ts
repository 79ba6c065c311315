import type { Clock } from '../clock/clock.ts';
import type { Config } from '../config/config.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Registry } from '../telemetry/metrics.ts';

/** What a bus is made of; DATABASE_URL must be set in `config` where KAFKA_BROKERS is not. */
export interface BusDependencies {
  config: Config;
  logger: Logger;
  metrics: Registry;
  clock: Clock;
}
