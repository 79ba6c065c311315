import type { Config } from '../config/config.ts';
import type { PartitionedTable } from '../postgres/partition-keeper.ts';

/** Rows of legs and calls are written again and again while they live: room on the page keeps that cheap. */
const UPDATED = 'fillfactor=70';

/** The merger's partitioned tables. A call's keys and roots are kept as long as its legs, which may still be joined by them. */
export function mergerTables(
  config: Pick<Config, 'CALL_RETENTION_MONTHS' | 'LEG_EVENT_RETENTION_DAYS' | 'ROLLUP_RETENTION_MONTHS'>,
): PartitionedTable[] {
  const months = { unit: 'month', ahead: 2, keep: config.CALL_RETENTION_MONTHS } as const;
  return [
    { table: 'legs', ...months, storage: UPDATED },
    { table: 'calls', ...months, storage: UPDATED },
    { table: 'call_roots', ...months, storage: UPDATED },
    { table: 'call_keys', ...months },
    { table: 'sip_call_ids', ...months },
    {
      table: 'concurrency_seconds',
      unit: 'month',
      ahead: 2,
      keep: config.ROLLUP_RETENTION_MONTHS,
      storage: UPDATED,
    },
    { table: 'leg_events', unit: 'day', ahead: 3, keep: config.LEG_EVENT_RETENTION_DAYS },
  ];
}
