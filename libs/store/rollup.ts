import { CodedError } from '../errors/coded-error.ts';
import type { Pool } from '../postgres/database.ts';
import { transaction } from '../postgres/transaction.ts';
import {
  compactConcurrency,
  compactRollups,
  lockRollups,
  type RollupSpan,
  rebuildRollups,
  tryCompactionLock,
  unlockRollups,
} from './rollup.sql.ts';

const BATCH = 20_000;
const HOUR_US = 3_600_000_000;

/** Compacts what calls appended to rollups, unless another is at it. Returns how many rows were moved. */
export async function compact(pool: Pool): Promise<number> {
  let moved = 0;
  for (let more = true; more; ) {
    const counts = await transaction(pool, async (client) => {
      if (!(await tryCompactionLock(client))) return [0, 0];
      return [await compactRollups(client, BATCH), await compactConcurrency(client, BATCH)];
    });
    moved += counts.reduce((sum, count) => sum + count, 0);
    more = counts.includes(BATCH);
  }
  return moved;
}

/**
 * Builds the rollups of a span of whole hours from table calls. What is written meanwhile is counted once.
 * @throws CodedError `rollup-span-invalid`
 */
export async function rebuild(pool: Pool, span: RollupSpan): Promise<void> {
  if (span.fromUs >= span.toUs || [span.fromUs, span.toUs].some((us) => us % HOUR_US !== 0)) {
    throw new CodedError('rollup-span-invalid', 'rollups are built for whole hours (UTC), from before to');
  }
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await lockRollups(client);
    await client.query('begin isolation level repeatable read');
    await rebuildRollups(client, span);
    await client.query('commit');
    await unlockRollups(client);
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    // A connection that failed is closed, which gives up its lock and its transaction.
    client.release(failure);
  }
}
