import { databaseUrl, openPool } from '../../postgres/database.ts';
import type { PublishingBus } from '../bus.ts';
import type { BusDependencies } from '../dependencies.ts';
import type { Published } from '../published.ts';
import { RECENT_BYTES } from './limits.ts';
import { checkLog } from './log.sql.ts';
import { createBusMetrics } from './metrics.ts';
import { packRecords } from './published-records.ts';
import { createPublisher } from './publisher.ts';

/** One transaction a topic at a time, and the question whether the database answers. */
const CONNECTIONS = 3;
const NOTHING = { records: [], texts: new ArrayBuffer(0) };

export interface PublishingBusOptions extends Pick<BusDependencies, 'config' | 'logger' | 'metrics'> {
  /**
   * Gets what was committed: another thread of this process has the readers, and tells other processes. Without its records when
   * too much of what was published before has not arrived there: then readers fetch them.
   */
  onPublished: (published: Published) => void;
}

/** The publishing half of the bus. */
export interface ThreadBus extends PublishingBus {
  /** So many bytes of texts have arrived in the other thread. */
  taken(bytes: number): void;
}

/**
 * Opens the publishing half of the bus on the PostgreSQL of DATABASE_URL, for a thread beside the one that has the whole.
 * @throws CodedError `database-url-missing`
 */
export function openPublishingBus(options: PublishingBusOptions): ThreadBus {
  const { config, logger, onPublished } = options;
  const timeoutMs = config.BUS_TIMEOUT_MS;
  const pool = openPool({
    connectionString: databaseUrl(config),
    name: `switchfleet bus ${config.INSTANCE_ID}`,
    size: CONNECTIONS,
    timeoutMs,
    logger,
  });
  const metrics = createBusMetrics(options.metrics);
  let untaken = 0;
  const count = (bytes: number) => {
    untaken += bytes;
    metrics.recentBytes.set(untaken);
  };
  const handOver = (published: Published) => {
    count(published.texts.byteLength);
    onPublished(published);
  };
  const publisher = createPublisher({
    pool,
    recent: {
      add: (topic, records, placement) =>
        untaken > RECENT_BYTES
          ? onPublished({ topic, placement, ...NOTHING })
          : handOver(packRecords(topic, records, placement)),
    },
    metrics,
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
    taken: (bytes) => count(-bytes),
  };
}
