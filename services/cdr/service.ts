import type { PublishingBus } from '../../libs/bus/bus.ts';
import type { Clock } from '../../libs/clock/clock.ts';
import type { Config } from '../../libs/config/config.ts';
import { messageOf, publicMessageOf } from '../../libs/errors/coded-error.ts';
import { DEFAULT_KEPT_VARIABLES, keptVariables } from '../../libs/freeswitch/cdr/kept-variables.ts';
import { listen } from '../../libs/http/listen.ts';
import type { Health, Service } from '../../libs/lifecycle/stoppable.ts';
import type { Database } from '../../libs/postgres/database.ts';
import { TOPICS } from '../../libs/records/topics.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import type { Registry } from '../../libs/telemetry/metrics.ts';
import { createCdrApp } from './cdr-app.ts';
import { createCheck } from './credential.ts';
import type { ReadPost } from './intake.ts';
import { createLanes } from './lanes.ts';
import { createNodeCredentials } from './node-credentials.ts';
import { readPost } from './read-post.ts';

export interface CdrServiceDependencies {
  config: Config;
  clock: Clock;
  logger: Logger;
  metrics: Registry;
  bus: PublishingBus;
  /** bodies up to so many bytes are read in the service's own thread (none): handing them over pays where that thread has more to do */
  readHereBytes?: number;
  /** where the nodes and their credentials are; without it only the shared credential is known */
  database?: Database;
}

const CHECK_MS = 2_000;
const NOT_STARTED = 'not started';
/** Those of other services may be away; that of rejects, too: without it a reject gets a 503, and CDRs are taken as ever. */
const CDR_TOPICS = [TOPICS.cdrs];

/**
 * The cdr service: takes CDRs from FreeSWITCH and answers 2xx when they are durable (I1). Not ready while the bus does
 * not answer, since every post would get a 503.
 * @throws CodedError `credential-missing`
 */
export function createCdrService(dependencies: CdrServiceDependencies): Service {
  const { config, clock, logger, bus, readHereBytes = 0 } = dependencies;
  let reason: string | undefined = NOT_STARTED;
  let stopping = false;
  let cancel: () => void = () => undefined;
  let port: number | undefined;

  const health = (): Health => {
    const reasons = [...(reason === undefined ? [] : [reason]), ...(stopping ? ['stopping'] : [])];
    return { ready: reasons.length === 0, reasons };
  };
  const nodes =
    dependencies.database && createNodeCredentials({ ...dependencies, database: dependencies.database });
  const variables = config.CDR_VARIABLES ?? DEFAULT_KEPT_VARIABLES;
  const keepVariable = keptVariables(variables);
  const parser = createLanes({ variables, logger });
  const read: ReadPost = (post) =>
    post.body.length <= readHereBytes ? readPost(post, keepVariable) : parser.read(post);
  const app = createCdrApp({
    ...dependencies,
    read,
    check: createCheck(config, nodes),
    health,
    // before its first answer nothing is known of it
    isBusAway: () => reason !== undefined && reason !== NOT_STARTED,
  });

  async function watchBus(): Promise<void> {
    reason = await bus.check(CDR_TOPICS).then(() => undefined, whyNot);
    if (!stopping) cancel = clock.after(CHECK_MS, () => void watchBus());
  }

  function whyNot(error: unknown): string {
    const news = `the bus takes no CDRs: ${publicMessageOf(error)}`;
    if (news !== reason) logger.warn({ reason: messageOf(error) }, 'the bus takes no CDRs');
    return news;
  }

  return {
    name: 'cdr',
    get port() {
      return port ?? config.CDR_PORT;
    },
    health,
    start: async () => {
      nodes?.start();
      await parser.start();
      port = await listen(app, { host: config.HTTP_HOST, port: config.CDR_PORT, tls: config });
      await watchBus();
      logger.info({ port }, 'cdr works');
    },
    stop: async () => {
      stopping = true;
      cancel();
      await clock.sleep(config.DRAIN_MS);
      await app.close();
      await parser.stop();
      await nodes?.stop();
    },
  };
}
