import { createClock } from '../../libs/clock/clock.ts';
import { loadConfig } from '../../libs/config/config.ts';
import { type Database, openDatabase } from '../../libs/postgres/database.ts';
import { startEmbeddedServer } from '../../libs/postgres/embedded-server.ts';
import { migrate } from '../../libs/postgres/migrate.ts';
import { createPartitionKeeper } from '../../libs/postgres/partition-keeper.ts';
import { createRetentionClock } from '../../libs/postgres/retention-clock.ts';
import { mergerTables } from '../../libs/store/merger-tables.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { createMetrics } from '../../libs/telemetry/metrics.ts';
import { createMerger, type Merger } from '../../services/merger/merger.ts';
import { createMergerMetrics, type MergerMetrics } from '../../services/merger/merger-metrics.ts';
import { MIGRATIONS, throwAwayFolder } from '../main/place.ts';
import type { Scope } from '../main/scope.ts';
import { deafBus } from './deaf-bus.ts';

/** A merger on a PostgreSQL of the product's own settings, without a bus. */
export interface MergerPlace {
  merger: Merger;
  database: Database;
  metrics: MergerMetrics;
}

/** In a throw-away folder, or in a data directory that is kept. */
export async function openMergerPlace(scope: Scope, keptDirectory?: string): Promise<MergerPlace> {
  const logger = createLogger({ service: 'bench', level: 'warn' });
  const dataDirectory = keptDirectory ?? (await throwAwayFolder(scope));
  const server = await startEmbeddedServer({ dataDirectory, logger });
  scope.after(() => server.stop());
  await migrate({ connectionString: server.connectionString, directory: MIGRATIONS, logger });
  const config = loadConfig({
    DATABASE_URL: server.connectionString,
    CALL_RETENTION_MONTHS: '1200',
    // A million calls are loaded and summed in statements that no service would wait for.
    DATABASE_TIMEOUT_MS: '600000',
  });
  const clock = createClock();
  const database = openDatabase({ config, logger });
  scope.after(() => database.stop());
  const registry = createMetrics('bench');
  const tables = mergerTables(config);
  const keeper = createPartitionKeeper({ pool: database.write, tables, clock, logger, metrics: registry });
  await keeper.start();
  scope.after(() => keeper.stop());
  const metrics = createMergerMetrics(registry);
  const merger = createMerger({
    ...{ config, clock, logger, metrics, database },
    retentionClock: createRetentionClock({ pool: database.write, clock }),
    bus: deafBus(),
  });
  return { merger, database, metrics };
}
