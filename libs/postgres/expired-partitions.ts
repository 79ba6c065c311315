import type { Pool } from 'pg';
import { databaseNowUs } from './partition.sql.ts';
import { expiredOf, type PartitionedTable, readState } from './partitioned-table.ts';
import { transaction } from './transaction.ts';

/** What the next run of a keeper takes. */
export interface ExpiredPartition {
  table: string;
  partition: string;
  /** of the default partition, which stays, this many rows go; undefined: the partition is dropped */
  strayRows: number | undefined;
}

/** What a keeper would drop now, without dropping it: the dry run of retention. `nowUs` is the service's clock. */
export async function findExpiredPartitions(
  pool: Pool,
  tables: readonly PartitionedTable[],
  nowUs: number,
): Promise<ExpiredPartition[]> {
  return transaction(pool, async (client) => {
    const clocks = [nowUs, await databaseNowUs(client)];
    const found: ExpiredPartition[] = [];
    for (const table of tables) {
      const { partitions, strays } = expiredOf(table, clocks, await readState(client, table));
      for (const partition of partitions) found.push({ table: table.table, partition, strayRows: undefined });
      if (strays !== undefined)
        found.push({ table: table.table, partition: strays.partition, strayRows: strays.rows });
    }
    return found;
  });
}
