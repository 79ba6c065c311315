import { openBus } from '../../libs/bus/open-bus.ts';
import { createClock } from '../../libs/clock/clock.ts';
import { loadConfig } from '../../libs/config/config.ts';
import { createApp } from '../../libs/http/app.ts';
import { listen } from '../../libs/http/listen.ts';
import { runProcess } from '../../libs/lifecycle/run-process.ts';
import { type Stoppable, stopAll } from '../../libs/lifecycle/stoppable.ts';
import { openDatabase } from '../../libs/postgres/database.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { createMetrics } from '../../libs/telemetry/metrics.ts';
import { createCollectorService } from './service.ts';

/** The collector as a process of its own. */
async function start(): Promise<Stoppable> {
  const config = loadConfig();
  const logger = createLogger({ service: 'collector', level: config.LOG_LEVEL });
  const metrics = createMetrics('collector');
  const clock = createClock({ start: config.CLOCK_START, rate: config.CLOCK_RATE });
  const database = openDatabase({ config, logger, metrics });
  const bus = await openBus({ config, logger, metrics, clock });
  const service = createCollectorService({ config, clock, logger, metrics, bus, database });
  const app = createApp({ logger, metrics, health: () => service.health() });
  await service.start();
  await listen(app, { host: config.HTTP_HOST, port: config.COLLECTOR_PORT });
  const parts: Stoppable[] = [database, { stop: () => bus.close() }, { stop: () => app.close() }, service];
  return { stop: () => stopAll(parts) };
}

void runProcess(start);
