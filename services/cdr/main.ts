import { fileURLToPath } from 'node:url';
import { openBus } from '../../libs/bus/open-bus.ts';
import { createClock } from '../../libs/clock/clock.ts';
import { loadConfig } from '../../libs/config/config.ts';
import { createStartUp } from '../../libs/http/start-up.ts';
import { runProcess } from '../../libs/lifecycle/run-process.ts';
import { keepHeapSmall } from '../../libs/lifecycle/small-heap.ts';
import { type Stoppable, stopAll } from '../../libs/lifecycle/stoppable.ts';
import { openDatabase } from '../../libs/postgres/database.ts';
import { requireSchema } from '../../libs/postgres/schema.ts';
import { reportStatus } from '../../libs/store/service-status-writer.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { createMetrics } from '../../libs/telemetry/metrics.ts';
import { createCdrService } from './service.ts';

keepHeapSmall();
await runProcess(async (signal) => {
  const config = loadConfig();
  const clock = createClock({ began: config.CLOCK_START, rate: config.CLOCK_RATE });
  const logger = createLogger({ service: 'cdr', level: config.LOG_LEVEL });
  const metrics = createMetrics('cdr');
  const port = config.CDR_PORT;
  const startUp = createStartUp({ service: 'cdr', port, config, clock, logger, signal });
  // With Kafka this service starts and works without the database, which only tells it the credentials of the nodes.
  const database = config.DATABASE_URL === undefined ? undefined : openDatabase({ config, logger, metrics });
  if (config.KAFKA_BROKERS === undefined && database !== undefined) {
    const directory = fileURLToPath(new URL('../../migrations', import.meta.url));
    await startUp.until(() => requireSchema(database, directory));
  }
  const bus = await startUp.until(() => openBus({ config, logger, metrics, clock }));
  await startUp.end();
  const service = createCdrService({ config, clock, logger, metrics, bus, ...(database && { database }) });
  await service.start();
  const parts: Stoppable[] = [{ stop: () => bus.close() }, service];
  if (database === undefined) return { stop: () => stopAll(parts) };
  // Its status goes to the database, where there is one: the api shows it from there.
  const status = reportStatus({ service, instance: config.INSTANCE_ID, pool: database.write, clock, logger });
  return { stop: () => stopAll([database, ...parts, status]) };
});
