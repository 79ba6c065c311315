import type { Clock } from '../clock/clock.ts';
import type { Config } from '../config/config.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Registry } from '../telemetry/metrics.ts';
import type { Bus } from './bus.ts';

/** What a bus is made of; DATABASE_URL must be set in `config` where KAFKA_BROKERS is not. */
export interface BusDependencies {
  config: Config;
  logger: Logger;
  metrics: Registry;
  clock: Clock;
}

/**
 * Opens the bus that the configuration names: Kafka when KAFKA_BROKERS is set, else the PostgreSQL of DATABASE_URL
 * (its schema must be migrated). Only the transport in use is loaded.
 * @throws CodedError `bus-unavailable`, `database-url-missing`
 */
export async function openBus(dependencies: BusDependencies): Promise<Bus> {
  if (dependencies.config.KAFKA_BROKERS !== undefined) {
    const { openKafkaBus } = await import('./kafka/kafka-bus.ts');
    return openKafkaBus(dependencies);
  }
  const { openPostgresBus } = await import('./postgres/postgres-bus.ts');
  return openPostgresBus(dependencies);
}
