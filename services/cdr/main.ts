import { fileURLToPath } from 'node:url';
import { openBus } from '../../libs/bus/open-bus.ts';
import { type Clock, createClock } from '../../libs/clock/clock.ts';
import { type Config, loadConfig } from '../../libs/config/config.ts';
import { runProcess } from '../../libs/lifecycle/run-process.ts';
import { keepHeapSmall } from '../../libs/lifecycle/small-heap.ts';
import { type Stoppable, stopAll } from '../../libs/lifecycle/stoppable.ts';
import { openDatabase } from '../../libs/postgres/database.ts';
import { waitForSchema } from '../../libs/postgres/schema.ts';
import { reportStatus } from '../../libs/store/service-status-writer.ts';
import { createLogger, type Logger } from '../../libs/telemetry/logger.ts';
import { createMetrics } from '../../libs/telemetry/metrics.ts';
import { createCdrService } from './service.ts';

keepHeapSmall();
await runProcess(async () => {
  const config = loadConfig();
  const clock = createClock({ began: config.CLOCK_START, rate: config.CLOCK_RATE });
  const logger = createLogger({ service: 'cdr', level: config.LOG_LEVEL });
  const metrics = createMetrics('cdr');
  // With Kafka this service starts and works without the database, which only tells it the credentials of the nodes.
  const database = config.DATABASE_URL === undefined ? undefined : openDatabase({ config, logger, metrics });
  if (config.KAFKA_BROKERS === undefined) await waitForTables(config, clock, logger);
  const bus = await openBus({ config, logger, metrics, clock });
  const service = createCdrService({ config, clock, logger, metrics, bus, ...(database && { database }) });
  await service.start();
  const parts: Stoppable[] = [{ stop: () => bus.close() }, service];
  if (database === undefined) return { stop: () => stopAll(parts) };
  // Its status goes to the database, where there is one: the api shows it from there.
  const status = reportStatus({ service, instance: config.INSTANCE_ID, pool: database.write, clock, logger });
  return { stop: () => stopAll([database, ...parts, status]) };
});

async function waitForTables(config: Config, clock: Clock, logger: Logger): Promise<void> {
  const database = openDatabase({ config, logger });
  const directory = fileURLToPath(new URL('../../migrations', import.meta.url));
  await waitForSchema({ database, directory, clock, logger }).finally(() => database.stop());
}
