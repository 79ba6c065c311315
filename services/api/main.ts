import { fileURLToPath } from 'node:url';
import type { Bus } from '../../libs/bus/bus.ts';
import { openBus } from '../../libs/bus/open-bus.ts';
import { createClock } from '../../libs/clock/clock.ts';
import { loadConfig } from '../../libs/config/config.ts';
import { createStartUp } from '../../libs/http/start-up.ts';
import { runProcess } from '../../libs/lifecycle/run-process.ts';
import { stopAll } from '../../libs/lifecycle/stoppable.ts';
import { openDatabase } from '../../libs/postgres/database.ts';
import { requireSchema } from '../../libs/postgres/schema.ts';
import { reportStatus } from '../../libs/store/service-status-writer.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { createMetrics } from '../../libs/telemetry/metrics.ts';
import { createApiService } from './service.ts';

await runProcess(async (signal) => {
  const config = loadConfig();
  const clock = createClock({ began: config.CLOCK_START, rate: config.CLOCK_RATE });
  const logger = createLogger({ service: 'api', level: config.LOG_LEVEL });
  const metrics = createMetrics('api');
  const port = config.API_PORT;
  const startUp = createStartUp({ service: 'api', port, config, clock, logger, signal });
  const database = openDatabase({ config, logger, metrics });
  const directory = fileURLToPath(new URL('../../migrations', import.meta.url));
  await startUp.until(() => requireSchema(database, directory));
  await startUp.end();
  let opened: Bus | undefined;
  // Everything but live streams works while the bus is away, also when it is away from the start.
  const bus = async () => {
    opened = await openBus({ config, logger, metrics, clock });
    return opened;
  };
  const service = createApiService({ config, clock, logger, metrics, database, bus });
  await service.start();
  const pool = database.write;
  const status = reportStatus({ service, instance: config.INSTANCE_ID, pool, clock, logger });
  logger.info({ port: service.port }, 'api works');
  return { stop: () => stopAll([database, { stop: async () => opened?.close() }, service, status]) };
});
