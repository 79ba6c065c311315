import { CodedError } from '../errors/coded-error.ts';
import type { Pool } from '../postgres/database.ts';
import type { RejectSummary } from './reject.sql.ts';
import { giveBackReject, noteReplayed, REPLAY_MINUTES, takeReject } from './reject-replay.sql.ts';

/**
 * Publishes a reject again as the CDR that it is by `publish`, and notes that, unless the writer has set it aside again by then. No
 * lock and no connection is held meanwhile, and nobody else replays it; after a kill it can be replayed again 5 minutes later.
 * @param reject as it was read: one that was replayed since then is another's
 * @throws CodedError `reject-busy`; what `publish` throws, and nothing is noted then
 */
export async function replayReject(
  pool: Pool,
  { id, replayed_us }: Pick<RejectSummary, 'id' | 'replayed_us'>,
  { nowUs, publish }: { nowUs: number; publish: () => Promise<void> },
): Promise<void> {
  const since = await takeReject(pool, id, replayed_us);
  if (since === undefined) throw busy(id);
  try {
    await publish();
  } catch (error) {
    // It may be replayed again after its time in any case.
    await giveBackReject(pool, id, since).catch(() => undefined);
    throw error;
  }
  await noteReplayed(pool, { id, since, nowUs });
}

function busy(id: string): CodedError {
  return new CodedError(
    'reject-busy',
    `somebody else replays reject ${id}, has just done so, or was killed at it: look at it again in ${REPLAY_MINUTES} minutes`,
  );
}
