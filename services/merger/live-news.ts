import type { Bus } from '../../libs/bus/bus.ts';
import { messageOf } from '../../libs/errors/coded-error.ts';
import type { Live } from '../../libs/records/live.ts';
import { TOPICS } from '../../libs/records/topics.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import type { MergerMetrics } from './merger-metrics.ts';

export interface LiveNewsOptions {
  bus: Bus;
  metrics: MergerMetrics;
  logger: Logger;
}

/** What browsers are told, beside the work: no batch waits until its own news are on the bus. */
export interface LiveNews {
  /** Publishes news, each under its key. */
  tell(news: readonly { key: string; live: Live }[]): void;
  /** Resolves when all that was told before this call is on the bus, or given up. */
  settled(): Promise<void>;
}

/** Live news are worth nothing later: what cannot be told now is counted and left. */
export function createLiveNews({ bus, metrics, logger }: LiveNewsOptions): LiveNews {
  let telling = Promise.resolve();

  async function publish(news: readonly { key: string; live: Live }[]): Promise<void> {
    try {
      await bus.publish(
        TOPICS.live,
        news.map(({ key, live }) => ({ key, value: live })),
      );
    } catch (error) {
      metrics.failures.inc({ task: 'live' });
      logger.warn({ reason: messageOf(error), records: news.length }, 'live news were not told');
    }
  }

  return {
    tell: (news) => {
      if (news.length === 0) return;
      const before = telling;
      const own = publish(news);
      telling = before.then(() => own);
    },
    settled: () => telling,
  };
}
