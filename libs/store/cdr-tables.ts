import type { Config } from '../config/config.ts';
import type { PartitionedTable } from '../postgres/partition-keeper.ts';

/**
 * Before this (2005-01-01) there was no FreeSWITCH: such a leg comes from a machine whose clock was not set, is past no
 * retention, and is stored (in the default partition).
 */
export const FIRST_US = 1_104_537_600_000_000;
const MONTHS_AHEAD = 2;
const DAYS_AHEAD = 3;

/** The tables that the writer fills, with what is made ahead and what is kept. */
export function cdrTables(
  config: Pick<Config, 'CDR_RETENTION_MONTHS' | 'CDR_DOCUMENT_RETENTION_DAYS'>,
): PartitionedTable[] {
  return [
    {
      table: 'cdr',
      unit: 'month',
      ahead: MONTHS_AHEAD,
      keep: config.CDR_RETENTION_MONTHS,
      sinceUs: FIRST_US,
    },
    {
      table: 'cdr_documents',
      unit: 'day',
      ahead: DAYS_AHEAD,
      keep: config.CDR_DOCUMENT_RETENTION_DAYS,
      sinceUs: FIRST_US,
    },
  ];
}
