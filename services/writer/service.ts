import type { Bus, Subscription } from '../../libs/bus/bus.ts';
import type { Clock } from '../../libs/clock/clock.ts';
import type { Config } from '../../libs/config/config.ts';
import { createApp } from '../../libs/http/app.ts';
import { listen } from '../../libs/http/listen.ts';
import type { Health, Service, Stoppable } from '../../libs/lifecycle/stoppable.ts';
import type { Database } from '../../libs/postgres/database.ts';
import { createPartitionKeeper } from '../../libs/postgres/partition-keeper.ts';
import { createRetentionClock } from '../../libs/postgres/retention-clock.ts';
import { TOPICS } from '../../libs/records/topics.ts';
import { retentionAt } from '../../libs/store/cdr-retention.ts';
import { cdrTables } from '../../libs/store/cdr-tables.ts';
import { registerDictionaries } from '../../libs/store/dictionary/dictionary.sql.ts';
import { totalLag } from '../../libs/store/service-status-writer.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import type { Registry } from '../../libs/telemetry/metrics.ts';
import { startRejectRetention } from './reject-retention.ts';
import { createWriter } from './writer.ts';
import { createWriterMetrics } from './writer-metrics.ts';

export interface WriterServiceDependencies {
  config: Config;
  clock: Clock;
  logger: Logger;
  metrics: Registry;
  bus: Bus;
  database: Database;
}

const GROUP = 'writer';
/**
 * A CDR is a row that much later at most: a transaction for every few costs four times the time for each. Kafka's fetches
 * wait for half a megabyte as well, so that under load they are as large.
 */
const GATHER_MS = { kafka: 50, postgres: 100 } as const;

/** The writer: `cdrs` and `cdr-rejects` from the bus to PostgreSQL, and the partitions of its tables. Listens for health and metrics only. */
export function createWriterService(dependencies: WriterServiceDependencies): Service {
  const { config, clock, logger, metrics, bus, database } = dependencies;
  const tables = cdrTables(config);
  const keeper = createPartitionKeeper({ pool: database.write, tables, clock, logger, metrics });
  const retentionClock = createRetentionClock({ pool: database.write, clock });
  let subscription: Subscription | undefined;
  let rejectRetention: Stoppable | undefined;
  let stopping = false;
  let port: number | undefined;

  const health = (): Health => {
    const reasons = [
      ...(subscription === undefined ? ['not subscribed'] : []),
      ...(stopping ? ['stopping'] : []),
    ];
    return { ready: reasons.length === 0, reasons };
  };
  const app = createApp({ logger, metrics, health });

  return {
    name: 'writer',
    get port() {
      return port ?? config.WRITER_PORT;
    },
    health,
    figures: async () => totalLag((await subscription?.lag()) ?? []),
    start: async () => {
      await registerDictionaries(database.write);
      await keeper.start();
      const onBatch = createWriter({
        ...dependencies,
        retentionClock,
        metrics: createWriterMetrics(metrics),
      });
      subscription = await bus.subscribe({
        topics: [TOPICS.cdrs, TOPICS.cdrRejects],
        group: GROUP,
        onBatch,
        gatherMs: GATHER_MS[bus.kind],
      });
      rejectRetention = startRejectRetention({
        pool: database.write,
        clock,
        logger,
        keptFromUs: async () => retentionAt(await retentionClock.nowUs(), config).cdrFromUs,
      });
      port = await listen(app, { host: config.HTTP_HOST, port: config.WRITER_PORT, tls: config });
      logger.info({ port, group: GROUP }, 'writer works');
    },
    stop: async () => {
      stopping = true;
      await subscription?.stop();
      await rejectRetention?.stop();
      await keeper.stop();
      await app.close();
    },
  };
}
