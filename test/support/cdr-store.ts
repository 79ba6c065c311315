import type pg from 'pg';
import { openBus } from '../../libs/bus/open-bus.ts';
import { createClock } from '../../libs/clock/clock.ts';
import { loadConfig } from '../../libs/config/config.ts';
import { stopAll } from '../../libs/lifecycle/stoppable.ts';
import { openDatabase } from '../../libs/postgres/database.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { createMetrics } from '../../libs/telemetry/metrics.ts';
import { createWriterService } from '../../services/writer/service.ts';
import { type Testing, testDatabase } from './stack/test-database.ts';
import { until } from './until.ts';

/** A database, the bus in it, and a writer that stores what is published. */
export interface CdrStore {
  connectionString: string;
  rows<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** Resolves when the writer has applied everything that was published. */
  settled(): Promise<void>;
}

const BEHIND = `
  select coalesce(sum(t.next_offsets[p.partition + 1] - p.next_offset), 0)::int as records
  from bus_positions p join bus_topics t on t.id = p.topic_id where p.group_name = 'writer'`;

/** Starts a writer on a fresh database, or on that of `environment`; it stops when the test is over. */
export async function cdrStore(
  t: Testing,
  environment: Record<string, string> = {},
  clock = createClock(),
): Promise<CdrStore> {
  const connectionString = environment['DATABASE_URL'] ?? (await testDatabase(t)).connectionString;
  const config = loadConfig({ DATABASE_URL: connectionString, WRITER_PORT: '0', ...environment });
  const logger = createLogger({ service: 'test', level: 'silent' });
  const database = openDatabase({ config, logger });
  const bus = await openBus({ config, logger, metrics: createMetrics('bus'), clock });
  const writer = createWriterService({
    config,
    clock,
    logger,
    metrics: createMetrics('writer'),
    bus,
    database,
  });
  t.after(() => stopAll([database, { stop: () => bus.close() }, writer]));
  await writer.start();
  const rows = async <Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []) =>
    (await database.write.query<Row>(sql, values)).rows;
  return {
    connectionString,
    rows,
    settled: () =>
      until(
        'the writer has applied all',
        async () => (await rows<{ records: number }>(BEHIND))[0]?.records === 0,
        30_000,
      ),
  };
}
