import { createClock } from '../../libs/clock/clock.ts';
import { loadConfig } from '../../libs/config/config.ts';
import { keepHeapTight } from '../../libs/lifecycle/heap.ts';
import { keepHeapSmall } from '../../libs/lifecycle/small-heap.ts';
import { openDatabase } from '../../libs/postgres/database.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { createMetrics } from '../../libs/telemetry/metrics.ts';
import { createDirectoryService } from '../../services/directory/service.ts';

/** The directory service as its process runs it. */
export interface ServiceReady {
  port: number;
  /** from nothing to answering, without the start of Node.js */
  loadSeconds: number;
}

keepHeapTight();
keepHeapSmall();
const config = loadConfig();
const logger = createLogger({ service: 'directory', level: config.LOG_LEVEL });
const database = openDatabase({ config, logger });
const metrics = createMetrics('directory');
const service = createDirectoryService({ config, clock: createClock(), logger, metrics, database });

process.on('message', async () => {
  const started = performance.now();
  await service.start();
  const ready: ServiceReady = { port: service.port, loadSeconds: (performance.now() - started) / 1000 };
  process.send?.(ready);
});
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
