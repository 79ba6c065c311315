import { join } from 'node:path';
import type { Clock } from '../../libs/clock/clock.ts';
import type { Config } from '../../libs/config/config.ts';
import { listen } from '../../libs/http/listen.ts';
import type { Health, Service } from '../../libs/lifecycle/stoppable.ts';
import { type Database, databaseUrl } from '../../libs/postgres/database.ts';
import { createRoutingModel } from '../../libs/routing/routing-model.ts';
import { createSnapshotFeed } from '../../libs/snapshot/feed.ts';
import { snapshotHealth } from '../../libs/snapshot/snapshot-health.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import type { Registry } from '../../libs/telemetry/metrics.ts';
import { createRoutingApp } from './routing-app.ts';

export interface RoutingDeps {
  config: Config;
  clock: Clock;
  logger: Logger;
  metrics: Registry;
  database: Database;
}

/** The routing service, and the port it listens on once started (ROUTING_PORT may be 0). */
export interface RoutingService extends Service {
  readonly port: number;
}

/** Answers where calls go, to Kamailio, from memory. */
export function createRoutingService(deps: RoutingDeps): RoutingService {
  const { config, clock, logger, metrics, database } = deps;
  const feed = createSnapshotFeed({
    pool: database.write,
    connectionString: databaseUrl(config),
    createModel: createRoutingModel,
    disk: {
      path: join(config.DATA_DIR, 'snapshots', 'routing.snapshot'),
      secretsKey: config.SECRETS_KEY,
      intervalMs: config.SNAPSHOT_INTERVAL_MS,
      nowUs: clock.nowUs,
    },
    logger,
    metrics,
  });
  const health = (): Health => snapshotHealth(feed.state());
  const credentials = { username: config.KAMAILIO_USERNAME, password: config.KAMAILIO_PASSWORD };
  const app = createRoutingApp({ credentials, snapshot: feed, health, logger, metrics });
  let port = config.ROUTING_PORT;

  return {
    name: 'routing',
    get port() {
      return port;
    },
    health,
    start: async () => {
      await feed.start();
      port = await listen(app, { host: config.HTTP_HOST, port });
    },
    stop: async () => {
      await app.close();
      await feed.stop();
    },
  };
}
