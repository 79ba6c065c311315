import type { Queryable } from './queryable.ts';
import { fromMicroseconds } from './time.sql.ts';

/** Rows of one statement: a retention that was shortened must not hold locks for long. */
const BATCH = 10_000;

/** Tables without partitions, and the column that tells how old a row is. */
const AGES = {
  call_rollups: 'hour',
  concurrency_minutes: 'minute',
  node_evidence: 'received_at',
  node_status_minutes: 'minute',
} as const;

/** Removes rows from before a moment, a batch at a time. Returns how many. */
export async function deleteBefore(
  client: Queryable,
  table: keyof typeof AGES,
  beforeUs: number,
): Promise<number> {
  let deleted = 0;
  for (let more = true; more; ) {
    const { rowCount } = await client.query(
      `delete from ${table} where ctid = any (array(
         select ctid from ${table} where ${AGES[table]} < ${fromMicroseconds('$1::bigint')} limit ${BATCH}))`,
      [beforeUs],
    );
    deleted += rowCount ?? 0;
    more = rowCount === BATCH;
  }
  return deleted;
}
