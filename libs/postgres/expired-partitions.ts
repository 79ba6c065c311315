import type { Pool } from 'pg';
import { databaseNowUs } from './partition.sql.ts';
import { oldestKept, type PartitionedTable, readState } from './partitioned-table.ts';
import { transaction } from './transaction.ts';

/** A partition that the next run of a keeper drops. */
export interface ExpiredPartition {
  table: string;
  partition: string;
}

/** What a keeper would drop now, without dropping it: the dry run of retention. `nowUs` is the service's clock. */
export async function findExpiredPartitions(
  pool: Pool,
  tables: readonly PartitionedTable[],
  nowUs: number,
): Promise<ExpiredPartition[]> {
  return transaction(pool, async (client) => {
    await client.query(`set local time zone 'UTC'`);
    const clocks = [nowUs, await databaseNowUs(client)];
    const found: ExpiredPartition[] = [];
    for (const table of tables) {
      const beforeUs = oldestKept(table, clocks);
      const { partitions } = await readState(client, table);
      for (const { name, range } of partitions) {
        if (range !== undefined && range.toUs <= beforeUs)
          found.push({ table: table.table, partition: name });
      }
    }
    return found;
  });
}
