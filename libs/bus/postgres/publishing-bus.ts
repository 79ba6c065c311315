import { databaseUrl, openPool } from '../../postgres/database.ts';
import type { PublishingBus } from '../bus.ts';
import type { BusDependencies } from '../dependencies.ts';
import type { Published } from '../published.ts';
import { checkLog } from './log.sql.ts';
import { createBusMetrics } from './metrics.ts';
import { packRecords } from './published-records.ts';
import { createPublisher } from './publisher.ts';

/** One transaction a topic at a time, and the question whether the database answers. */
const CONNECTIONS = 3;

export interface PublishingBusOptions extends Pick<BusDependencies, 'config' | 'logger' | 'metrics'> {
  /** gets what was committed: another thread of this process has the readers, and tells other processes */
  onPublished: (published: Published) => void;
}

/**
 * Opens the publishing half of the bus on the PostgreSQL of DATABASE_URL, for a thread beside the one that has the whole.
 * @throws CodedError `database-url-missing`
 */
export function openPublishingBus({
  config,
  logger,
  metrics,
  onPublished,
}: PublishingBusOptions): PublishingBus {
  const timeoutMs = config.BUS_TIMEOUT_MS;
  const pool = openPool({
    connectionString: databaseUrl(config),
    name: `switchfleet bus ${config.INSTANCE_ID}`,
    size: CONNECTIONS,
    timeoutMs,
    logger,
  });
  const publisher = createPublisher({
    pool,
    recent: { add: (topic, records, placement) => onPublished(packRecords(topic, records, placement)) },
    metrics: createBusMetrics(metrics),
    logger,
    timeoutMs,
    onPublished: () => undefined,
  });
  return {
    kind: 'postgres',
    publish: publisher.publish,
    announce: publisher.announce,
    check: () => checkLog(pool),
    close: async () => {
      await publisher.close();
      await pool.end();
    },
  };
}
