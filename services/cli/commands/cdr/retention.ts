import type { Command } from 'commander';
import { createClock } from '../../../../libs/clock/clock.ts';
import type { Pool } from '../../../../libs/postgres/database.ts';
import {
  type ExpiredPartition,
  findExpiredPartitions,
} from '../../../../libs/postgres/expired-partitions.ts';
import { cdrTables } from '../../../../libs/store/cdr-tables.ts';
import { measurePartition } from '../../../../libs/store/stored-cdr.sql.ts';
import type { CommandContext } from '../../command-context.ts';

const COLUMNS = ['table', 'partition', 'rows', 'bytes'];

/** `switchfleet cdr retention` */
export function defineRetentionCommand(cdr: Command, context: CommandContext): void {
  cdr
    .command('retention')
    .description(
      'list what the writer would drop (partitions, and rows of the default ones) with this CDR_RETENTION_MONTHS and CDR_DOCUMENT_RETENTION_DAYS, and drop nothing: try a value here before the writer gets it',
    )
    .action(() => preview(context));
}

async function preview(context: CommandContext): Promise<void> {
  const found = await context.withDatabase(async ({ write }) => {
    const expired = await findExpiredPartitions(write, cdrTables(context.config), createClock().nowUs());
    return Promise.all(expired.map((one) => rowOf(write, one)));
  });
  if (found.length === 0) context.output.remark('there is nothing that the writer would drop');
  else context.output.table(COLUMNS, found, (row) => row);
}

/** The default partition stays, and loses rows: its disk space stays, too. */
async function rowOf(pool: Pool, { table, partition, strayRows }: ExpiredPartition) {
  if (strayRows !== undefined) return { table, partition, rows: strayRows, bytes: 0 };
  return { table, partition, ...(await measurePartition(pool, partition)) };
}
