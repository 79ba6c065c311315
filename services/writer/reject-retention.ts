import type { Clock } from '../../libs/clock/clock.ts';
import { messageOf } from '../../libs/errors/coded-error.ts';
import type { Stoppable } from '../../libs/lifecycle/stoppable.ts';
import type { Pool } from '../../libs/postgres/database.ts';
import { deleteRejects } from '../../libs/store/reject.sql.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';

export interface RejectRetentionOptions {
  pool: Pool;
  clock: Clock;
  logger: Logger;
  /** microseconds: what was posted last before it goes */
  keptFromUs: () => Promise<number>;
}

const EVERY_MS = 3_600_000;

/** Deletes rejects that are as old as CDRs that are not kept any more, once an hour; what fails is tried an hour later. */
export function startRejectRetention({ pool, clock, logger, keptFromUs }: RejectRetentionOptions): Stoppable {
  let running: Promise<void> = Promise.resolve();
  let cancel: () => void = () => undefined;
  let isStopped = false;

  async function run(): Promise<void> {
    try {
      const rows = await deleteRejects(pool, await keptFromUs());
      if (rows > 0) logger.info({ rows }, 'rejects removed: older than is kept');
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, 'old rejects cannot be removed, will try again');
    }
    if (!isStopped) cancel = clock.after(EVERY_MS, next);
  }

  function next(): void {
    running = run();
  }

  next();
  return {
    stop: async () => {
      isStopped = true;
      cancel();
      await running;
      cancel();
    },
  };
}
