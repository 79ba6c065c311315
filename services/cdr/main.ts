import { fileURLToPath } from 'node:url';
import { openBus } from '../../libs/bus/open-bus.ts';
import { type Clock, createClock } from '../../libs/clock/clock.ts';
import { type Config, loadConfig } from '../../libs/config/config.ts';
import { runProcess } from '../../libs/lifecycle/run-process.ts';
import { type Service, type Stoppable, stopAll } from '../../libs/lifecycle/stoppable.ts';
import { openDatabase } from '../../libs/postgres/database.ts';
import { waitForSchema } from '../../libs/postgres/schema.ts';
import { reportStatus } from '../../libs/store/service-status-writer.ts';
import { createLogger, type Logger } from '../../libs/telemetry/logger.ts';
import { createMetrics } from '../../libs/telemetry/metrics.ts';
import { createCdrService } from './service.ts';

await runProcess(async () => {
  const config = loadConfig();
  const clock = createClock({ began: config.CLOCK_START, rate: config.CLOCK_RATE });
  const logger = createLogger({ service: 'cdr', level: config.LOG_LEVEL });
  const metrics = createMetrics('cdr');
  // With Kafka this service needs no database, and starts and works without one.
  if (config.KAFKA_BROKERS === undefined) await waitForTables(config, clock, logger);
  const bus = await openBus({ config, logger, metrics, clock });
  const service = createCdrService({ config, clock, logger, metrics, bus });
  await service.start();
  const status = reportIfPossible(service, { config, clock, logger });
  return { stop: () => stopAll([{ stop: () => bus.close() }, service, status]) };
});

interface Surroundings {
  config: Config;
  clock: Clock;
  logger: Logger;
}

/** Its status goes to the database, where there is one: the api shows it from there. */
function reportIfPossible(service: Service, { config, clock, logger }: Surroundings): Stoppable {
  if (config.DATABASE_URL === undefined) return { stop: async () => undefined };
  const database = openDatabase({ config: { ...config, DATABASE_POOL_SIZE: 1 }, logger });
  const pool = database.write;
  const status = reportStatus({ service, instance: config.INSTANCE_ID, pool, clock, logger });
  return { stop: () => stopAll([database, status]) };
}

async function waitForTables(config: Config, clock: Clock, logger: Logger): Promise<void> {
  const database = openDatabase({ config, logger });
  const directory = fileURLToPath(new URL('../../migrations', import.meta.url));
  await waitForSchema({ database, directory, clock, logger }).finally(() => database.stop());
}
