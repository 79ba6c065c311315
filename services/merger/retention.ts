import type { Config } from '../../libs/config/config.ts';
import type { Pool } from '../../libs/postgres/database.ts';
import { deleteBefore } from '../../libs/store/retention.sql.ts';

/** Before this (2005-01-01) there was no FreeSWITCH: such a leg comes from a machine whose clock was not set, and is kept. */
const FIRST_US = 1_104_537_600_000_000;

/** Legs that began before this month (µs) have been dropped, and are not made again. */
export function keptFromUs(nowUs: number, months: number): number {
  const now = new Date(nowUs / 1000);
  const from = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1) * 1000;
  return Math.max(0, from);
}

/** Whether a leg that began at `startUs` is past the retention that begins at `fromUs`. */
export function isExpired(startUs: number, fromUs: number): boolean {
  return startUs < fromUs && startUs >= FIRST_US;
}

const DAY_US = 86_400_000_000;

/** Removes what is past its retention from tables without partitions; the partition keeper sees to the others. */
export async function dropHistory(
  pool: Pool,
  nowUs: number,
  config: Pick<Config, 'ROLLUP_RETENTION_MONTHS' | 'NODE_HISTORY_RETENTION_DAYS'>,
): Promise<void> {
  const rollups = keptFromUs(nowUs, config.ROLLUP_RETENTION_MONTHS);
  const nodes = nowUs - config.NODE_HISTORY_RETENTION_DAYS * DAY_US;
  await deleteBefore(pool, 'call_rollups', rollups);
  await deleteBefore(pool, 'concurrency_minutes', rollups);
  await deleteBefore(pool, 'node_evidence', nodes);
  await deleteBefore(pool, 'node_status_minutes', nodes);
}
