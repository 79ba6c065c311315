import type { Queryable } from './queryable.ts';
import { fromMicroseconds, toMicroseconds } from './time.sql.ts';

/** A replay that took longer was killed: a publish takes 120 s at the most (BUS_TIMEOUT_MS). */
export const REPLAY_MINUTES = 5;

/**
 * Takes a reject for a replay, where it is replayed or not as `replayedUs` says and nobody else is at it. Gives what the replay is
 * known by (microseconds, as text), undefined where it was not to be had.
 */
export async function takeReject(
  database: Queryable,
  id: string,
  replayedUs: number | null,
): Promise<string | undefined> {
  const { rows } = await database.query<{ since: string }>(
    `update cdr_rejects set replaying_since = clock_timestamp()
     where id = $1 and replayed_at is not distinct from ${fromMicroseconds('$2::bigint')}
       and (replaying_since is null or replaying_since < clock_timestamp() - $3 * interval '1 minute')
     returning ${toMicroseconds('replaying_since')} as since`,
    [id, replayedUs, REPLAY_MINUTES],
  );
  return rows[0]?.since;
}

/** Notes that it is on the bus, unless the writer has set it aside again, or somebody else is at it. */
export async function noteReplayed(
  database: Queryable,
  { id, since, nowUs }: { id: string; since: string; nowUs: number },
): Promise<void> {
  await database.query(
    `update cdr_rejects set replayed_at = ${fromMicroseconds('$3::bigint')}, replaying_since = null
     where id = $1 and replaying_since = ${fromMicroseconds('$2::bigint')}`,
    [id, since, nowUs],
  );
}

/** Gives it back: it did not get onto the bus. */
export async function giveBackReject(database: Queryable, id: string, since: string): Promise<void> {
  await database.query(
    `update cdr_rejects set replaying_since = null
     where id = $1 and replaying_since = ${fromMicroseconds('$2::bigint')}`,
    [id, since],
  );
}
