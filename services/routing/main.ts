import type { Bus } from '../../libs/bus/bus.ts';
import { openBus } from '../../libs/bus/open-bus.ts';
import { createClock } from '../../libs/clock/clock.ts';
import { loadConfig } from '../../libs/config/config.ts';
import { createStartUp } from '../../libs/http/start-up.ts';
import { runProcess } from '../../libs/lifecycle/run-process.ts';
import { keepHeapSmall } from '../../libs/lifecycle/small-heap.ts';
import { stopAll } from '../../libs/lifecycle/stoppable.ts';
import { openDatabase } from '../../libs/postgres/database.ts';
import { requireSchemaIfReachable } from '../../libs/snapshot/reachable-schema.ts';
import { reportStatus } from '../../libs/store/service-status-writer.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { createMetrics } from '../../libs/telemetry/metrics.ts';
import { createRoutingService } from './service.ts';

await runProcess(async (signal) => {
  keepHeapSmall();
  const config = loadConfig();
  const clock = createClock({ began: config.CLOCK_START, rate: config.CLOCK_RATE });
  const logger = createLogger({ service: 'routing', level: config.LOG_LEVEL });
  const metrics = createMetrics('routing');
  const port = config.ROUTING_PORT;
  const startUp = createStartUp({ service: 'routing', port, config, clock, logger, signal });
  const database = openDatabase({ config, logger, metrics });
  await startUp.until(() => requireSchemaIfReachable(database));
  await startUp.end();
  let opened: Bus | undefined;
  // Calls are routed while the bus is away, also when it is away from the start.
  const bus = async () => {
    opened = await openBus({ config, logger, metrics, clock });
    return opened;
  };
  const service = createRoutingService({ config, clock, logger, metrics, database, bus });
  await service.start();
  const pool = database.write;
  const status = reportStatus({ service, instance: config.INSTANCE_ID, pool, clock, logger });
  logger.info({ port: service.port }, 'routing is ready');
  return { stop: () => stopAll([database, { stop: async () => opened?.close() }, service, status]) };
});
