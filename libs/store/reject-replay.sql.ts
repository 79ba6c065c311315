import type { Pool } from '../postgres/database.ts';
import { transaction } from '../postgres/transaction.ts';
import { fromMicroseconds } from './time.sql.ts';

/**
 * Publishes a reject again as the CDR that it is by `publish`, and notes that. The writer may set it aside again at once: that
 * waits for the note, which it takes back. @throws what `publish` throws; nothing is noted then
 */
export async function replayReject(
  pool: Pool,
  id: string,
  { nowUs, publish }: { nowUs: number; publish: () => Promise<void> },
): Promise<void> {
  await transaction(pool, async (client) => {
    await client.query('select from cdr_rejects where id = $1 for update', [id]);
    await publish();
    await client.query(
      `update cdr_rejects set replayed_at = ${fromMicroseconds('$2::bigint')} where id = $1`,
      [id, nowUs],
    );
  });
}
