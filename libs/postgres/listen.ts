import pg from 'pg';
import { messageOf } from '../errors/coded-error.ts';
import type { Stoppable } from '../lifecycle/stoppable.ts';
import type { Logger } from '../telemetry/logger.ts';

export interface ListenerOptions {
  connectionString: string;
  /** names of the channels; they are quoted, so any name works */
  channels: readonly string[];
  onNotify: (channel: string, payload: string) => void;
  /** called when it listens again after a loss: notifications in between were missed, so look yourself */
  onReconnect?: () => void;
  logger: Logger;
  /** how often the peer is asked for a sign of life, milliseconds (default 2,000); it has as long to answer */
  heartbeatMs?: number;
}

export interface Listener extends Stoppable {
  /** whether notifications arrive just now */
  readonly isConnected: boolean;
  /** Resolves when it listens for the first time: what is committed after that is notified. */
  readonly ready: Promise<void>;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
const CONNECT_MS = 5_000;

/**
 * Listens on channels of PostgreSQL (LISTEN) on a connection of its own, for as long as it is not stopped: a lost or
 * silent connection is noticed within two heartbeats and made again, with backoff and jitter. Starts at once, never throws.
 */
export function createListener(options: ListenerOptions): Listener {
  const ready = Promise.withResolvers<void>();
  const stopped = new AbortController();
  const state = { isConnected: false, everConnected: false };

  const onListening = () => {
    state.isConnected = true;
    if (state.everConnected) options.onReconnect?.();
    state.everConnected = true;
    ready.resolve();
  };

  const running = (async () => {
    for (let failures = 0; !stopped.signal.aborted; failures++) {
      try {
        await listenOnce(options, stopped.signal, () => {
          failures = 0;
          onListening();
        });
      } catch (error) {
        options.logger.warn({ reason: messageOf(error) }, 'not listening to PostgreSQL, will connect again');
      }
      state.isConnected = false;
      await pause(backoffMs(failures), stopped.signal);
    }
  })();

  return {
    get isConnected() {
      return state.isConnected;
    },
    ready: ready.promise,
    stop: async () => {
      stopped.abort();
      await running;
    },
  };
}

/** Listens until stopped (resolves) or until the connection is lost or silent (rejects). */
async function listenOnce(options: ListenerOptions, signal: AbortSignal, onListening: () => void) {
  const heartbeatMs = options.heartbeatMs ?? 2_000;
  const client = new pg.Client({
    connectionString: options.connectionString,
    application_name: 'switchfleet listen',
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: heartbeatMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
  });
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => undefined);
  client.on('error', lost.reject);
  client.on('end', () => lost.reject(new Error('the connection ended')));
  client.on('notification', ({ channel, payload }) => options.onNotify(channel, payload ?? ''));
  try {
    await Promise.race([client.connect(), lost.promise]);
    for (const channel of options.channels) await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    onListening();
    while (!signal.aborted) {
      await Promise.race([pause(heartbeatMs, signal), lost.promise]);
      if (!signal.aborted) await Promise.race([client.query('SELECT 1'), lost.promise]);
    }
  } finally {
    await hangUp(client);
  }
}

/** Says goodbye, but does not wait for the answer of a peer that may be dead. */
async function hangUp(client: pg.Client): Promise<void> {
  const goodbye = client.end().catch(() => undefined);
  await Promise.race([goodbye, pause(500, new AbortController().signal)]);
}

function backoffMs(failures: number): number {
  return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures, 10)) * (0.5 + Math.random() / 2);
}

/** Waits; returns early, without an error, when the signal is aborted. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const onAbort = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
