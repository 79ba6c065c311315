import type { Bus, Subscription } from '../../../libs/bus/bus.ts';
import type { Clock } from '../../../libs/clock/clock.ts';
import { messageOf } from '../../../libs/errors/coded-error.ts';
import type { Stoppable } from '../../../libs/lifecycle/stoppable.ts';
import { TOPICS } from '../../../libs/records/topics.ts';
import type { Logger } from '../../../libs/telemetry/logger.ts';
import type { LiveHub } from './live-hub.ts';

export interface LiveFollowerOptions {
  /** called until it gives a bus */
  open: () => Promise<Bus>;
  hub: LiveHub;
  clock: Clock;
  logger: Logger;
}

export interface LiveFollower extends Stoppable {
  readonly isFollowing: boolean;
}

const RETRY_MS = 2_000;

/** Lets a hub hear what happens. Starts at once, never throws: a bus that is away is tried again until it is there. */
export function followLive({ open, hub, clock, logger }: LiveFollowerOptions): LiveFollower {
  const stopped = new AbortController();
  let subscription: Subscription | undefined;

  async function attempt(): Promise<void> {
    const bus = await open();
    subscription = await bus.follow({
      topics: [TOPICS.live, TOPICS.load],
      onRecords: (records) => hub.take(records),
    });
  }

  async function follow(): Promise<void> {
    while (subscription === undefined && !stopped.signal.aborted) {
      await attempt().catch(async (error) => {
        logger.warn({ reason: messageOf(error) }, 'cannot follow what happens, will try again');
        await clock.sleep(RETRY_MS, stopped.signal).catch(() => undefined);
      });
    }
  }

  const following = follow();
  return {
    get isFollowing() {
      return subscription !== undefined;
    },
    stop: async () => {
      stopped.abort();
      await following;
      await subscription?.stop();
    },
  };
}
