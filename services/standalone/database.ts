import type { Config } from '../../libs/config/config.ts';
import type { Stoppable } from '../../libs/lifecycle/stoppable.ts';
import { takeStandaloneLock } from '../../libs/postgres/embedded/standalone-lock.ts';
import { startEmbeddedServer } from '../../libs/postgres/embedded-server.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';

/** The database standalone works on, and the data directory it has for itself. */
export interface OwnDatabase extends Stoppable {
  readonly connectionString: string;
  /** where it is, without its password */
  readonly description: string;
  /** resolves with what went wrong when an embedded server ends although nobody stopped it */
  readonly failed: Promise<Error>;
}

/**
 * Takes the data directory, and starts the embedded PostgreSQL in it unless DATABASE_URL names another one.
 * @throws CodedError `already-running`, and those of `startEmbeddedServer`; the reason of `signal`
 */
export async function openOwnDatabase(
  config: Config,
  logger: Logger,
  signal: AbortSignal,
): Promise<OwnDatabase> {
  return config.DATABASE_URL === undefined
    ? embedded(config, logger, signal)
    : external(config, config.DATABASE_URL);
}

async function embedded(config: Config, logger: Logger, signal: AbortSignal): Promise<OwnDatabase> {
  const server = await startEmbeddedServer({ dataDirectory: config.DATA_DIR, logger, signal });
  const failed = new Promise<Error>((resolve) => {
    void server.ended.then((failure) => failure !== undefined && resolve(failure));
  });
  const description = `embedded PostgreSQL on 127.0.0.1:${server.port}${server.wasOrphaned ? ', recovered' : ''}`;
  return { connectionString: server.connectionString, description, failed, stop: () => server.stop() };
}

async function external(config: Config, connectionString: string): Promise<OwnDatabase> {
  const lock = await takeStandaloneLock(config.DATA_DIR);
  const { host, pathname } = new URL(connectionString);
  return {
    connectionString,
    description: `PostgreSQL at ${host}${pathname}`,
    failed: new Promise(() => undefined),
    stop: () => lock.release(),
  };
}
