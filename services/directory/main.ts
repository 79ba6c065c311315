import { createClock } from '../../libs/clock/clock.ts';
import { loadConfig } from '../../libs/config/config.ts';
import { keepHeapTight } from '../../libs/lifecycle/heap.ts';
import { runProcess } from '../../libs/lifecycle/run-process.ts';
import { keepHeapSmall } from '../../libs/lifecycle/small-heap.ts';
import { stopAll } from '../../libs/lifecycle/stoppable.ts';
import { openDatabase } from '../../libs/postgres/database.ts';
import { waitForSchemaIfReachable } from '../../libs/snapshot/schema-wait.ts';
import { reportStatus } from '../../libs/store/service-status-writer.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { createMetrics } from '../../libs/telemetry/metrics.ts';
import { createDirectoryService } from './service.ts';

await runProcess(async () => {
  keepHeapTight();
  keepHeapSmall();
  const config = loadConfig();
  const clock = createClock({ began: config.CLOCK_START, rate: config.CLOCK_RATE });
  const logger = createLogger({ service: 'directory', level: config.LOG_LEVEL });
  const metrics = createMetrics('directory');
  const database = openDatabase({ config, logger, metrics });
  await waitForSchemaIfReachable({ database, clock, logger });
  const service = createDirectoryService({ config, clock, logger, metrics, database });
  await service.start();
  const pool = database.write;
  const status = reportStatus({ service, instance: config.INSTANCE_ID, pool, clock, logger });
  logger.info({ port: service.port }, 'directory is ready');
  return { stop: () => stopAll([database, service, status]) };
});
