import { randomUUID } from 'node:crypto';
import { stopAll } from '../../lifecycle/stoppable.ts';
import { databaseUrl, openPool } from '../../postgres/database.ts';
import { createListener } from '../../postgres/listen.ts';
import { createPartitionKeeper, type PartitionedTable } from '../../postgres/partition-keeper.ts';
import type { Bus, Subscription } from '../bus.ts';
import type { BusDependencies } from '../dependencies.ts';
import { startConsumer } from './consumer.ts';
import { startFollower } from './follower.ts';
import { BATCH_BYTES, CHANNEL, GATHER_READ_MS } from './limits.ts';
import { checkLog, unavailable } from './log.sql.ts';
import { createBusMetrics } from './metrics.ts';
import { createNews } from './news.ts';
import { unpackRecords } from './published-records.ts';
import { createPublisher } from './publisher.ts';
import { RecentRecords } from './recent-records.ts';
import { startRetention } from './retention.ts';

const CONNECTIONS = 10;
const MAX_RECORDS = 1_000;
/** Records of up to 8 kB stay in their row: moving 2 kB aside costs more than it saves. */
const LOG: PartitionedTable = {
  table: 'bus_records',
  unit: 'day',
  ahead: 2,
  storage: 'toast_tuple_target = 8160',
};

/**
 * Opens the bus on the PostgreSQL of DATABASE_URL, with connections of its own: nobody else's slow query delays it.
 * Does not wait for the database: `check` tells whether it answers.
 * @throws CodedError `database-url-missing`
 */
export async function openPostgresBus({ config, logger, metrics: registry }: BusDependencies): Promise<Bus> {
  const connectionString = databaseUrl(config);
  const metrics = createBusMetrics(registry);
  const timeoutMs = config.BUS_TIMEOUT_MS;
  const name = `switchfleet bus ${config.INSTANCE_ID}`;
  const pool = openPool({ connectionString, name, size: CONNECTIONS, timeoutMs, logger });
  const recent = new RecentRecords((bytes) => metrics.recentBytes.set(bytes));
  const news = createNews({ pool, logger, origin: randomUUID() });
  const listener = createListener({
    connectionString,
    channels: [CHANNEL],
    onNotify: (_channel, payload) => news.hear(payload),
    onReconnect: () => {
      recent.clear();
      news.wakeAll();
    },
    logger,
  });
  const publisher = createPublisher({
    pool,
    recent,
    metrics,
    logger,
    timeoutMs,
    onPublished: (topic) => news.tell(topic),
  });
  const subscriptions = new Set<Subscription>();
  const keeper = createPartitionKeeper({ pool, tables: [LOG], logger, metrics: registry });
  const retention = startRetention({
    pool,
    metrics,
    logger,
    maxDays: config.BUS_RETENTION_DAYS,
    maxBytes: config.BUS_RETENTION_BYTES,
  });
  // Not waited for: until today has its partition, the default one takes what is published.
  void keeper.start().then(retention.run);

  const track = (subscription: Subscription): Subscription => {
    const tracked: Subscription = {
      lag: subscription.lag,
      stop: async () => {
        subscriptions.delete(tracked);
        await subscription.stop();
      },
    };
    subscriptions.add(tracked);
    return tracked;
  };

  let closed: Promise<void> | undefined;
  async function close(): Promise<void> {
    await publisher.close();
    await stopAll([...subscriptions]);
    await news.idle();
    await stopAll([listener, keeper, retention]);
    await pool.end();
  }

  return {
    kind: 'postgres',
    publish: publisher.publish,
    announce: publisher.announce,
    subscribe: async ({ topics, group, onBatch, maxBatchRecords, maxBatchBytes, gatherMs = 0 }) => {
      const limits = { maxRecords: maxBatchRecords ?? MAX_RECORDS, maxBytes: maxBatchBytes ?? BATCH_BYTES };
      const shared = { pool, topics, group, news, recent, metrics, logger };
      const times = { sessionMs: config.BUS_SESSION_MS, gatherMs: Math.max(gatherMs, GATHER_READ_MS) };
      return track(await startConsumer({ ...shared, ...times, onBatch, ...limits }));
    },
    follow: async ({ topics, onRecords }) => {
      try {
        return track(await startFollower({ pool, topics, news, recent, logger, onRecords }));
      } catch (cause) {
        throw unavailable(cause);
      }
    },
    check: () => checkLog(pool),
    takeOver: (published) => {
      recent.add(published.topic, unpackRecords(published), published.placement);
      news.tell(published.topic);
    },
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}
