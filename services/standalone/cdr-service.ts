import { Worker } from 'node:worker_threads';
import type { Bus } from '../../libs/bus/bus.ts';
import type { Config } from '../../libs/config/config.ts';
import { CodedError } from '../../libs/errors/coded-error.ts';
import type { Health, Service } from '../../libs/lifecycle/stoppable.ts';
import type { CdrNews, CdrOrder, CdrThreadData } from './cdr-messages.ts';

export interface CdrInThreadOptions {
  config: Config;
  /** whose readers get what the thread published */
  bus: Bus;
  /** told when the thread ended by itself, or is stuck for good: throws when absent, which ends the process */
  onDeath?: (error: Error) => void;
  /** the thread's file, for tests */
  entry?: URL;
  /** for tests, too */
  silentMs?: number;
}

/** A thread that has said nothing for so long is stuck: it speaks twice a second. */
const SILENT_MS = 5_000;
/**
 * One that is found stuck so often in a row, that far apart, does not come back. Counted, not timed: of a machine that stood still
 * this thread may hear first.
 */
const STUCK_TIMES = 6;
/** What it may take to stop beside the time that it drains: its posts are answered, or given up, long before. */
const STOP_MS = 15_000;
const THREAD = new URL('./cdr-thread.ts', import.meta.url);

/**
 * Service cdr, in a thread of its own. A thread that ends by itself, or is stuck for good, ends the process, as an unexpected error
 * of any service does. `start` throws the CodedErrors of service cdr.
 */
export function createCdrInThread({
  config,
  bus,
  onDeath = crash,
  entry = THREAD,
  silentMs = SILENT_MS,
}: CdrInThreadOptions): Service {
  const started = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<void>();
  let health: Health = { ready: false, reasons: ['not started'] };
  let heardAt = Number.POSITIVE_INFINITY;
  let port: number | undefined;
  let thread: Worker | undefined;
  let watch: NodeJS.Timeout | undefined;
  let silences = 0;
  let isStopping = false;

  function open(): Worker {
    const worker = new Worker(entry, { workerData: { config } satisfies CdrThreadData });
    worker.on('message', (news: CdrNews) => hear(news, worker));
    worker.on('error', (error) => fail(error));
    worker.on('exit', () => fail(new CodedError('cdr-thread-ended', 'the thread of service cdr ended')));
    return worker;
  }

  function hear(news: CdrNews, worker: Worker): void {
    if (news.is === 'published') {
      bus.takeOver?.(news.published);
      worker.postMessage({ is: 'taken', bytes: news.published.texts.byteLength } satisfies CdrOrder);
    } else if (news.is === 'health') {
      health = news.health;
      heardAt = performance.now();
    } else if (news.is === 'failed') fail(new CodedError(news.code, news.message));
    else if (news.is === 'stopped') stopped.resolve();
    else {
      port = news.port;
      started.resolve();
    }
  }

  /** Whoever waits for the start or the stop gets the error; when nobody does, it ends the process. */
  function fail(error: Error): void {
    started.reject(error);
    stopped.reject(error);
    if (port !== undefined && !isStopping) onDeath(error);
  }

  const isSilent = () => performance.now() - heardAt > silentMs;

  function endStuck(): void {
    silences = isSilent() ? silences + 1 : 0;
    if (silences < STUCK_TIMES) return;
    clearInterval(watch);
    fail(new CodedError('cdr-thread-stuck', 'the thread of service cdr does not answer'));
  }

  return {
    name: 'cdr',
    get port() {
      return port ?? config.CDR_PORT;
    },
    health: () => {
      if (isStopping) return { ready: false, reasons: ['stopping'] };
      return isSilent() ? { ready: false, reasons: ['its thread does not answer'] } : health;
    },
    start: async () => {
      stopped.promise.catch(() => undefined);
      thread = open();
      await started.promise;
      watch = setInterval(endStuck, silentMs).unref();
    },
    stop: async () => {
      isStopping = true;
      clearInterval(watch);
      thread?.postMessage({ is: 'stop' } satisfies CdrOrder);
      const late = new CodedError('stop-timeout', 'the thread of service cdr did not stop');
      const timer = setTimeout(() => stopped.reject(late), config.DRAIN_MS + STOP_MS);
      try {
        if (port !== undefined) await stopped.promise;
      } finally {
        clearTimeout(timer);
        await thread?.terminate();
      }
    },
  };
}

function crash(error: Error): never {
  throw error;
}
