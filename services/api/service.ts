import type { Bus } from '../../libs/bus/bus.ts';
import type { Clock } from '../../libs/clock/clock.ts';
import type { Config } from '../../libs/config/config.ts';
import { createReparse } from '../../libs/freeswitch/cdr/reparse.ts';
import { listen } from '../../libs/http/listen.ts';
import type { Health, Service } from '../../libs/lifecycle/stoppable.ts';
import type { Database } from '../../libs/postgres/database.ts';
import { recordingSource } from '../../libs/recordings/recording-source.ts';
import { createSecretBox } from '../../libs/sealing/secret-box.ts';
import { cdrTables } from '../../libs/store/cdr-tables.ts';
import { mergerTables } from '../../libs/store/merger-tables.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import type { Registry } from '../../libs/telemetry/metrics.ts';
import { createApiApp } from './api-app.ts';
import { followLive, type LiveFollower } from './live/live-follower.ts';
import { LiveHub } from './live/live-hub.ts';

export interface ApiDependencies {
  config: Config;
  clock: Clock;
  logger: Logger;
  metrics: Registry;
  database: Database;
  /** what live streams hear; opened when it is a function, again and again until it is there */
  bus?: Bus | (() => Promise<Bus>);
}

/** The api, and the port it listens on once started (API_PORT may be 0). */
export function createApiService(deps: ApiDependencies): Service {
  const { config, clock, logger, metrics, database, bus } = deps;
  let state: 'new' | 'started' | 'stopping' = 'new';
  let port = config.API_PORT;
  const health = (): Health => ({
    ready: state === 'started',
    reasons: state === 'started' ? [] : [state === 'new' ? 'not started' : 'stopping'],
  });
  const hub = bus === undefined ? undefined : new LiveHub();
  const openBus = bus === undefined ? undefined : openedOnce(bus);
  let follower: LiveFollower | undefined;
  const app = createApiApp({
    token: config.API_TOKEN,
    pool: database.read,
    writePool: database.write,
    box: config.SECRETS_KEY === undefined ? undefined : createSecretBox(config.SECRETS_KEY),
    live: hub,
    openBus,
    reparse: createReparse(config),
    recordings: recordingSource(config),
    clock,
    tables: [...mergerTables(config), ...cdrTables(config)],
    searchMs: Math.min(config.API_SEARCH_MS, config.DATABASE_TIMEOUT_MS),
    mediaOrigin: originOf(config.RECORDING_URL),
    homerUrl: config.API_HOMER_URL,
    auditDays: config.API_AUDIT_RETENTION_DAYS,
    trustedProxies: config.API_TRUSTED_PROXIES,
    limits: { requests: config.API_REQUEST_LIMIT, failures: config.API_FAILURE_LIMIT },
    health,
    logger,
    metrics,
  });

  return {
    name: 'api',
    get port() {
      return port;
    },
    health,
    start: async () => {
      if (openBus !== undefined && hub !== undefined) {
        follower = followLive({ open: openBus, hub, clock, logger });
      }
      port = await listen(app, { host: config.HTTP_HOST, port, tls: config });
      state = 'started';
    },
    stop: async () => {
      state = 'stopping';
      await clock.sleep(config.DRAIN_MS);
      await app.close();
      await follower?.stop();
    },
  };
}

/** Of a template of URLs; undefined when its host is to be filled in. */
function originOf(template: string | undefined): string | undefined {
  const parsed = template === undefined ? null : URL.parse(template);
  return parsed !== null && /^https?:\/\/[^{}]+$/.test(parsed.origin) ? parsed.origin : undefined;
}

/** One bus for all who ask for it; one that did not open is opened again by who asks next. */
function openedOnce(bus: Bus | (() => Promise<Bus>)): () => Promise<Bus> {
  let opened: Promise<Bus> | undefined;
  return () => {
    const opening = opened ?? (typeof bus === 'function' ? bus() : Promise.resolve(bus));
    opened = opening;
    opening.catch(() => {
      if (opened === opening) opened = undefined;
    });
    return opening;
  };
}
