import { openBus } from '../../libs/bus/open-bus.ts';
import { createClock } from '../../libs/clock/clock.ts';
import { loadConfig } from '../../libs/config/config.ts';
import { runProcess } from '../../libs/lifecycle/run-process.ts';
import { stopAll } from '../../libs/lifecycle/stoppable.ts';
import { openDatabase } from '../../libs/postgres/database.ts';
import { TOPICS } from '../../libs/records/topics.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { createMetrics } from '../../libs/telemetry/metrics.ts';
import { createCdrService } from '../../services/cdr/service.ts';
import { createWriterService } from '../../services/writer/service.ts';

/** The CDR path in one process on the PostgreSQL bus; a second group reads the topic as the merger does. */
await runProcess(async () => {
  const config = loadConfig();
  const clock = createClock();
  const logger = createLogger({ service: 'bench', level: 'warn' });
  const metrics = createMetrics('bench');
  const database = openDatabase({ config, logger });
  const bus = await openBus({ config, logger, metrics, clock });
  const parts = (name: string) => ({ config, clock, logger, metrics: createMetrics(name), bus, database });
  const writer = createWriterService(parts('writer'));
  const cdr = createCdrService(parts('cdr'));
  await writer.start();
  await bus.subscribe({ topics: [TOPICS.cdrs], group: 'reader', onBatch: async () => undefined });
  await cdr.start();
  process.stdout.write(`ready ${cdr.port}\n`);
  return { stop: () => stopAll([database, { stop: () => bus.close() }, writer, cdr]) };
});
