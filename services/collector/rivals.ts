import { Compile } from 'typebox/compile';
import type { Bus, DeliveredRecord, Subscription } from '../../libs/bus/bus.ts';
import type { Clock } from '../../libs/clock/clock.ts';
import { messageOf } from '../../libs/errors/coded-error.ts';
import type { Stoppable } from '../../libs/lifecycle/stoppable.ts';
import { NodeLoad } from '../../libs/records/node-load.ts';
import { TOPICS } from '../../libs/records/topics.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';

export interface RivalOptions {
  bus: Bus;
  clock: Clock;
  logger: Logger;
  /** INSTANCE_ID: loads of this one are our own */
  instance: string;
  /** another collector published the load of this node just now */
  onRival: (node: string, instance: string) => void;
}

const RETRY_MS = 2_000;

/**
 * Reads the loads that all collectors publish, and says which nodes others follow. Leases decide who follows a node; who is
 * cut off from the database cannot see that its own ran out, but it can see here that somebody else took over.
 */
export function watchRivals({ bus, clock, logger, instance, onRival }: RivalOptions): Stoppable {
  const isLoad = Compile(NodeLoad);
  const stopped = new AbortController();
  let subscription: Subscription | undefined;

  function onRecords(records: readonly DeliveredRecord[]): void {
    for (const { value } of records) {
      if (!isLoad.Check(value) || value.collector === undefined || value.collector === instance) continue;
      onRival(value.node, value.collector);
    }
  }

  async function follow(): Promise<void> {
    while (!stopped.signal.aborted && subscription === undefined) {
      try {
        subscription = await bus.follow({ topics: [TOPICS.load], onRecords });
      } catch (error) {
        logger.warn(
          { reason: messageOf(error) },
          'cannot follow the loads of other collectors, will try again',
        );
        await clock.sleep(RETRY_MS, stopped.signal).catch(() => undefined);
      }
    }
  }

  const following = follow();
  return {
    stop: async () => {
      stopped.abort();
      await following;
      await subscription?.stop();
    },
  };
}
