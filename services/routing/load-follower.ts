import { Compile } from 'typebox/compile';
import type { Bus, DeliveredRecord, Subscription } from '../../libs/bus/bus.ts';
import type { Clock } from '../../libs/clock/clock.ts';
import { messageOf } from '../../libs/errors/coded-error.ts';
import type { Stoppable } from '../../libs/lifecycle/stoppable.ts';
import { NodeLoad } from '../../libs/records/node-load.ts';
import { TOPICS } from '../../libs/records/topics.ts';
import type { LoadBoard } from '../../libs/routing/load/load-board.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';

export interface LoadFollowerOptions {
  /** called until it gives a bus */
  open: () => Promise<Bus>;
  board: LoadBoard;
  clock: Clock;
  logger: Logger;
  onRecords: (counts: { applied: number; unreadable: number }) => void;
}

export interface LoadFollower extends Stoppable {
  readonly isFollowing: boolean;
}

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5_000;

/** Keeps the load board up to date from the bus. Starts at once, never throws: without the bus the last load decides. */
export function followLoad(options: LoadFollowerOptions): LoadFollower {
  const { open, board, clock, logger } = options;
  const isLoad = Compile(NodeLoad);
  const stopped = new AbortController();
  let subscription: Subscription | undefined;

  function onRecords(records: readonly DeliveredRecord[]): void {
    let unreadable = 0;
    for (const { value } of records) {
      if (isLoad.Check(value)) board.apply(value);
      else unreadable += 1;
    }
    options.onRecords({ applied: records.length - unreadable, unreadable });
  }

  async function follow(): Promise<void> {
    for (
      let retryMs = FIRST_RETRY_MS;
      !stopped.signal.aborted;
      retryMs = Math.min(2 * retryMs, LAST_RETRY_MS)
    ) {
      try {
        const bus = await open();
        subscription = await bus.follow({ topics: [TOPICS.load], onRecords });
        board.resume(clock.nowUs());
        return;
      } catch (error) {
        logger.warn({ reason: messageOf(error) }, 'cannot follow the load of the nodes, will try again');
        await clock.sleep(retryMs, stopped.signal).catch(() => undefined);
      }
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
