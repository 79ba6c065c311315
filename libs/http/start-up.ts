import type { Clock } from '../clock/clock.ts';
import { codeOf, messageOf, publicMessageOf } from '../errors/coded-error.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { App } from './app.ts';
import type { TlsConfig } from './tls-files.ts';
import { openWaitingRoom } from './waiting-room.ts';

export interface StartUpOptions {
  service: string;
  /** where the service will listen, and who asks before that is answered */
  port: number;
  config: TlsConfig & { HTTP_HOST: string };
  clock: Clock;
  logger: Logger;
  /** aborted when the process is told to end */
  signal: AbortSignal;
}

/** The first part of a process's life, in which it needs what others bring. */
export interface StartUp {
  /**
   * Takes a step again and again while what it needs is away.
   * @throws what the step throws for another reason; the signal's reason
   */
  until<T>(step: () => Promise<T>): Promise<T>;
  /** Gives the port to the service. */
  end(): Promise<void>;
}

/** What comes by itself: the schema by a migration, the others when they are up again. */
const PASSING: ReadonlySet<string> = new Set(['bus-unavailable', 'schema-not-ready', 'database-unavailable']);
const RETRY_MS = 1_000;
/** A start that takes longer is asked about. */
const QUIET_MS = 1_000;

/**
 * Begins a start. While it lasts, the service's port says that it is alive, and not ready for what reason: a process that is
 * restarted for what another one does not bring would only begin to wait again.
 */
export function createStartUp(options: StartUpOptions): StartUp {
  const { service, port, config, clock, logger, signal } = options;
  let reason = 'starting';
  let logged = reason;
  let room: Promise<App> | undefined;
  const quiet = setTimeout(open, QUIET_MS);

  function open(): void {
    clearTimeout(quiet);
    const place = { host: config.HTTP_HOST, port, tls: config };
    room ??= openWaitingRoom({ service, logger, reason: () => reason, ...place });
    // told to who waits next
    room.catch(() => undefined);
  }

  async function wait(error: unknown): Promise<void> {
    if (signal.aborted || !PASSING.has(codeOf(error))) throw error;
    const news = messageOf(error);
    if (news !== logged) logger.warn({ reason: news }, 'cannot start yet, will try again');
    logged = news;
    reason = publicMessageOf(error);
    open();
    await room;
    await clock.sleep(RETRY_MS, signal);
  }

  async function end(): Promise<void> {
    clearTimeout(quiet);
    await (await room)?.close();
  }

  async function until<T>(step: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await orAborted(step(), signal);
      } catch (error) {
        await wait(error);
      }
    }
  }

  return { until, end };
}

/** What the work gives, or the signal's reason when that comes first. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
