import type { Config } from '../../libs/config/config.ts';
import type { PartitionedTable } from '../../libs/postgres/partition-keeper.ts';

const MONTHS_AHEAD = 2;
const DAYS_AHEAD = 3;

/** The tables that the writer fills, with what is made ahead and what is kept. */
export function writerTables(
  config: Pick<Config, 'CDR_RETENTION_MONTHS' | 'CDR_DOCUMENT_RETENTION_DAYS'>,
): PartitionedTable[] {
  return [
    { table: 'cdr', unit: 'month', ahead: MONTHS_AHEAD, keep: config.CDR_RETENTION_MONTHS },
    { table: 'cdr_documents', unit: 'day', ahead: DAYS_AHEAD, keep: config.CDR_DOCUMENT_RETENTION_DAYS },
  ];
}
