import type { Published } from '../../libs/bus/published.ts';
import type { Config } from '../../libs/config/config.ts';
import type { Health } from '../../libs/lifecycle/stoppable.ts';

/** What the thread of service cdr is made of. */
export interface CdrThreadData {
  config: Config;
}

/** What the thread tells. */
export type CdrNews =
  | { is: 'started'; port: number }
  | { is: 'health'; health: Health }
  | { is: 'published'; published: Published }
  /** it could not start, or not stop cleanly; `code` is that of a CodedError */
  | { is: 'failed'; message: string; code: string }
  | { is: 'stopped' };

/** What the thread is told: to stop, or that so many bytes of what it published have arrived. */
export type CdrOrder = { is: 'stop' } | { is: 'taken'; bytes: number };
