import type { Bus } from './bus.ts';
import { watchBus } from './bus-figures.ts';
import type { BusDependencies } from './dependencies.ts';

/**
 * Opens the bus that the configuration names: Kafka when KAFKA_BROKERS is set, else the PostgreSQL of DATABASE_URL
 * (its schema must be migrated). Only the transport in use is loaded.
 * @throws CodedError `bus-unavailable`, `database-url-missing`
 */
export async function openBus(dependencies: BusDependencies): Promise<Bus> {
  return watchBus(await openTransport(dependencies), dependencies.metrics);
}

async function openTransport(dependencies: BusDependencies): Promise<Bus> {
  if (dependencies.config.KAFKA_BROKERS !== undefined) {
    const { openKafkaBus } = await import('./kafka/kafka-bus.ts');
    return openKafkaBus(dependencies);
  }
  const { openPostgresBus } = await import('./postgres/postgres-bus.ts');
  return openPostgresBus(dependencies);
}
