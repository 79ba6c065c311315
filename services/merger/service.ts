import type { Bus, Subscription } from '../../libs/bus/bus.ts';
import type { Clock } from '../../libs/clock/clock.ts';
import type { Config } from '../../libs/config/config.ts';
import { messageOf } from '../../libs/errors/coded-error.ts';
import { createApp } from '../../libs/http/app.ts';
import { listen } from '../../libs/http/listen.ts';
import { type Health, type Service, type Stoppable, stopAll } from '../../libs/lifecycle/stoppable.ts';
import type { Database } from '../../libs/postgres/database.ts';
import { createPartitionKeeper } from '../../libs/postgres/partition-keeper.ts';
import { createRetentionClock } from '../../libs/postgres/retention-clock.ts';
import { TOPICS } from '../../libs/records/topics.ts';
import { mergerTables } from '../../libs/store/merger-tables.ts';
import { compact } from '../../libs/store/rollup.ts';
import { totalLag } from '../../libs/store/service-status-writer.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import type { Registry } from '../../libs/telemetry/metrics.ts';
import { BATCH_BYTES, BATCH_RECORDS, GATHER_MS } from './batch-limits.ts';
import { createMerger } from './merger.ts';
import { createMergerMetrics } from './merger-metrics.ts';
import { dropHistory } from './retention.ts';
import { startTaskLoop } from './task-loop.ts';

export interface MergerServiceDependencies {
  config: Config;
  clock: Clock;
  logger: Logger;
  metrics: Registry;
  bus: Bus;
  database: Database;
}

const GROUP = 'merger';
const TICK_MS = 1_000;
const REFRESH_MS = 5_000;
const COMPACT_MS = 2_000;
const RETENTION_MS = 600_000;

/** The merger: everything the fleet says, from the bus to legs and calls in PostgreSQL. Listens for health and metrics only. */
export function createMergerService(dependencies: MergerServiceDependencies): Service {
  const { config, clock, logger, metrics, bus } = dependencies;
  const started: Stoppable[] = [];
  let subscription: Subscription | undefined;
  let stopping = false;

  const health = (): Health => {
    const reasons = [
      ...(subscription === undefined ? ['not subscribed'] : []),
      ...(stopping ? ['stopping'] : []),
    ];
    return { ready: reasons.length === 0, reasons };
  };
  const app = createApp({ logger, metrics, health });

  return {
    name: 'merger',
    health,
    figures: async () => totalLag((await subscription?.lag()) ?? []),
    start: async () => {
      const figures = createMergerMetrics(metrics);
      const retentionClock = createRetentionClock({ pool: dependencies.database.write, clock });
      const merger = createMerger({ ...dependencies, retentionClock, metrics: figures });
      const loop = (task: string, intervalMs: number, run: () => Promise<void>) =>
        startTaskLoop({
          clock,
          intervalMs,
          run,
          onFailure: (error) => {
            figures.failures.inc({ task });
            logger.warn({ task, reason: messageOf(error) }, 'a task failed and will be tried again');
          },
        });
      const keeper = createPartitionKeeper({
        pool: dependencies.database.write,
        tables: mergerTables(config),
        clock,
        logger,
        metrics,
      });
      started.push(keeper);
      await keeper.start();
      await merger.refresh();
      const port = await listen(app, { host: config.HTTP_HOST, port: config.MERGER_PORT, tls: config });
      started.push({ stop: () => app.close() });
      subscription = await bus.subscribe({
        topics: [TOPICS.channelEvents, TOPICS.cdrs, TOPICS.nodeEvents, TOPICS.registrations, TOPICS.load],
        group: GROUP,
        onBatch: merger.apply,
        maxBatchRecords: BATCH_RECORDS,
        maxBatchBytes: BATCH_BYTES,
        gatherMs: GATHER_MS,
      });
      started.push(
        loop('refresh', REFRESH_MS, merger.refresh),
        loop('tick', TICK_MS, merger.tick),
        loop('compact', COMPACT_MS, async () => {
          figures.compacted.inc(await compact(dependencies.database.write));
        }),
        loop('retention', RETENTION_MS, async () =>
          dropHistory(dependencies.database.write, await retentionClock.nowUs(), config),
        ),
        subscription,
      );
      logger.info({ port, group: GROUP }, 'merger works');
    },
    stop: async () => {
      stopping = true;
      await stopAll(started);
    },
  };
}
