import type { Pool } from 'pg';
import type { Clock } from '../clock/clock.ts';
import { databaseNowUs } from './partition.sql.ts';

/** The clock that says what is old enough to go. */
export interface RetentionClock {
  /** Microseconds since 1970. @throws the database's error when it is away: then nothing is too old */
  nowUs(): Promise<number>;
}

/** The database is asked that seldom: its answer only grows older, and so keeps more. */
const FRESH_MS = 60_000;

/**
 * The clock that is behind, of ours and the database's: what only one of them calls old is kept, as the partition keeper does.
 * A machine whose clock is years ahead would take everything for past its retention.
 */
export function createRetentionClock({ pool, clock }: { pool: Pool; clock: Clock }): RetentionClock {
  let databaseUs = Number.NaN;
  let readMs = Number.NEGATIVE_INFINITY;
  return {
    nowUs: async () => {
      const askedMs = performance.now();
      if (askedMs - readMs >= FRESH_MS) {
        databaseUs = await databaseNowUs(pool);
        readMs = askedMs;
      }
      return Math.min(clock.nowUs(), databaseUs);
    },
  };
}
