import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../../libs/clock/clock.ts';
import type { Config } from '../../libs/config/config.ts';
import { messageOf } from '../../libs/errors/coded-error.ts';
import { listen } from '../../libs/http/listen.ts';
import type { Health, Service } from '../../libs/lifecycle/stoppable.ts';
import { type Database, databaseUrl } from '../../libs/postgres/database.ts';
import { createSecretBox } from '../../libs/sealing/secret-box.ts';
import { createSnapshotFeed } from '../../libs/snapshot/feed.ts';
import { snapshotAgeSeconds, snapshotHealth } from '../../libs/snapshot/snapshot-health.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import type { Registry } from '../../libs/telemetry/metrics.ts';
import { createDirectoryApp } from './directory-app.ts';
import { createLastQuestions } from './last-questions.ts';
import { createDirectoryModel, type DirectoryModel } from './model/directory-model.ts';
import { createNewcomers } from './newcomers.ts';
import type { Surroundings } from './surroundings.ts';

export interface DirectoryDeps {
  config: Config;
  clock: Clock;
  logger: Logger;
  metrics: Registry;
  database: Database;
}

/** The directory service, and the port it listens on once started (DIRECTORY_PORT may be 0). */
export interface DirectoryService extends Service {
  readonly port: number;
}

/** Answers what FreeSWITCH asks by mod_xml_curl, from memory. */
export function createDirectoryService(deps: DirectoryDeps): DirectoryService {
  const { config, clock, logger, metrics, database } = deps;
  const feed = createSnapshotFeed({
    pool: database.write,
    connectionString: databaseUrl(config),
    createModel: createDirectoryModel,
    disk: {
      path: join(config.DATA_DIR, 'snapshots', 'directory.snapshot'),
      secretsKey: config.SECRETS_KEY,
      intervalMs: config.SNAPSHOT_INTERVAL_MS,
      nowUs: clock.nowUs,
    },
    logger,
    metrics,
  });
  let isStopping = false;
  const health = (): Health => snapshotHealth(feed.state(), { isStopping });
  const credentials = { username: config.FREESWITCH_USERNAME, password: config.FREESWITCH_PASSWORD };
  const surroundings = createSurroundings(deps);
  const pool = database.write;
  const lastQuestions = createLastQuestions({ pool, clock, logger });
  const app = createDirectoryApp({
    credentials,
    snapshot: feed,
    surroundings,
    pool,
    lastQuestions,
    notice: createNewcomers({ pool, clock, logger, metrics, instance: config.INSTANCE_ID }),
    health,
    logger,
    metrics,
  });
  let port = config.DIRECTORY_PORT;

  return {
    name: 'directory',
    get port() {
      return port;
    },
    health,
    figures: async () => ({ snapshotAgeSeconds: snapshotAgeSeconds(feed.state()) }),
    start: async () => {
      await feed.start();
      port = await listen(app, { host: config.HTTP_HOST, port, tls: config });
    },
    stop: async () => {
      isStopping = true;
      await clock.sleep(config.DRAIN_MS);
      await app.close();
      await lastQuestions.stop();
      await feed.stop();
    },
  };
}

function createSurroundings({
  config,
  clock,
  logger,
}: DirectoryDeps): (model: DirectoryModel) => Surroundings {
  const openSecret = createOpener(config, logger);
  const { DIRECTORY_FORWARD: forwardVia, CORRELATION_HEADER: correlationHeader } = config;
  return (model) => ({
    model,
    nowUs: clock.nowUs(),
    newId: randomUUID,
    openSecret,
    forwardVia,
    correlationHeader,
  });
}

/** Without a key, or with another one, what is stored encrypted is left out of answers: the rest still counts. */
function createOpener({ SECRETS_KEY }: Config, logger: Logger): Surroundings['openSecret'] {
  const box = SECRETS_KEY === undefined ? undefined : createSecretBox(SECRETS_KEY);
  return (sealed) => {
    try {
      return box?.open(sealed);
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, 'a stored secret cannot be read');
      return undefined;
    }
  };
}
