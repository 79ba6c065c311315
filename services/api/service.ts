import type { Clock } from '../../libs/clock/clock.ts';
import type { Config } from '../../libs/config/config.ts';
import { listen } from '../../libs/http/listen.ts';
import type { Health, Service } from '../../libs/lifecycle/stoppable.ts';
import type { Database } from '../../libs/postgres/database.ts';
import { createSecretBox } from '../../libs/sealing/secret-box.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import type { Registry } from '../../libs/telemetry/metrics.ts';
import { createApiApp } from './api-app.ts';

export interface ApiDependencies {
  config: Config;
  clock: Clock;
  logger: Logger;
  metrics: Registry;
  database: Database;
}

/** The api, and the port it listens on once started (API_PORT may be 0). */
export function createApiService({ config, logger, metrics, database }: ApiDependencies): Service {
  let state: 'new' | 'started' | 'stopping' = 'new';
  let port = config.API_PORT;
  const health = (): Health => ({
    ready: state === 'started',
    reasons: state === 'started' ? [] : [state === 'new' ? 'not started' : 'stopping'],
  });
  const app = createApiApp({
    token: config.API_TOKEN,
    pool: database.read,
    writePool: database.write,
    box: config.SECRETS_KEY === undefined ? undefined : createSecretBox(config.SECRETS_KEY),
    searchMs: config.API_SEARCH_MS,
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
      port = await listen(app, { host: config.HTTP_HOST, port });
      state = 'started';
    },
    stop: async () => {
      state = 'stopping';
      await app.close();
    },
  };
}
