import { join } from 'node:path';
import type { Bus } from '../../libs/bus/bus.ts';
import type { Clock } from '../../libs/clock/clock.ts';
import type { Config } from '../../libs/config/config.ts';
import { listen } from '../../libs/http/listen.ts';
import type { Health, Service } from '../../libs/lifecycle/stoppable.ts';
import { type Database, databaseUrl } from '../../libs/postgres/database.ts';
import { createLoadBoard } from '../../libs/routing/load/load-board.ts';
import { createRoutingModel } from '../../libs/routing/routing-model.ts';
import { createSnapshotFeed } from '../../libs/snapshot/feed.ts';
import { snapshotAgeSeconds, snapshotHealth } from '../../libs/snapshot/snapshot-health.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import type { Registry } from '../../libs/telemetry/metrics.ts';
import { createAccess } from './access.ts';
import { createDelayAdmission, createQueueAdmission } from './admission.ts';
import { followLoad, type LoadFollower } from './load-follower.ts';
import { createRouter } from './router.ts';
import { createRoutingApp } from './routing-app.ts';
import { createRoutingMetrics } from './routing-metrics.ts';

export interface RoutingDeps {
  config: Config;
  clock: Clock;
  logger: Logger;
  metrics: Registry;
  database: Database;
  /** where the load of the nodes comes from, or how to open it: routing starts without it, and tries again */
  bus?: Bus | (() => Promise<Bus>);
  /** others live in this process: their delays are not ours, so a bounded queue decides what is too much */
  sharesEventLoop?: boolean;
}

/** The routing service, and the port it listens on once started (ROUTING_PORT may be 0). */
export interface RoutingService extends Service {
  readonly port: number;
}

/** Answers where calls go, to Kamailio, from memory. */
export function createRoutingService(deps: RoutingDeps): RoutingService {
  const { config, clock, logger, metrics, bus } = deps;
  const feed = openFeed(deps);
  const model = () => feed.model;
  const board = createLoadBoard({ staleMs: config.ROUTING_STALE_MS, nowUs: clock.nowUs() });
  const admission = deps.sharesEventLoop
    ? createQueueAdmission(config.ROUTING_QUEUE_LIMIT)
    : createDelayAdmission(config.ROUTING_DELAY_LIMIT_MS);
  const figures = createRoutingMetrics(metrics, { model, board, admission, nowUs: clock.nowUs });
  const router = createRouter({ model, board, clock, correlationHeader: config.CORRELATION_HEADER });
  let isStopping = false;
  const health = (): Health => snapshotHealth(feed.state(), { isStopping });
  const isKamailio = createAccess({ username: config.KAMAILIO_USERNAME, password: config.KAMAILIO_PASSWORD });
  const app = createRoutingApp({
    isKamailio,
    router,
    snapshot: feed,
    admission,
    figures,
    health,
    logger,
    metrics,
  });
  let port = config.ROUTING_PORT;
  let follower: LoadFollower | undefined;

  function follow(source: Bus | (() => Promise<Bus>)): LoadFollower {
    const open = typeof source === 'function' ? source : async () => source;
    const onRecords = ({ applied, unreadable }: { applied: number; unreadable: number }) => {
      figures.loads.inc({ outcome: 'applied' }, applied);
      if (unreadable > 0) figures.loads.inc({ outcome: 'unreadable' }, unreadable);
    };
    return followLoad({ open, board, clock, logger, onRecords });
  }

  return {
    name: 'routing',
    get port() {
      return port;
    },
    health,
    figures: async () => ({ snapshotAgeSeconds: snapshotAgeSeconds(feed.state()) }),
    start: async () => {
      // It listens before it knows anything: 503 at once is an answer, a refused connection looks like a dead host.
      port = await listen(app, { host: config.HTTP_HOST, port, tls: config });
      follower = bus === undefined ? undefined : follow(bus);
      await feed.start();
    },
    stop: async () => {
      isStopping = true;
      await clock.sleep(config.DRAIN_MS);
      await app.close();
      await Promise.all([follower?.stop(), feed.stop(), admission.stop()]);
    },
  };
}

function openFeed({ config, clock, logger, metrics, database }: RoutingDeps) {
  return createSnapshotFeed({
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
}
