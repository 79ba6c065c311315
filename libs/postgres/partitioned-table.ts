import type { ClientBase } from 'pg';
import { countStrays, listPartitions, type Partition, partitionColumn } from './partition.sql.ts';
import {
  isExpired,
  overlap,
  type PartitionRange,
  type PartitionUnit,
  rangeOf,
  shiftRange,
} from './partition-range.ts';

/** A table that is partitioned by range of one timestamptz column. */
export interface PartitionedTable {
  table: string;
  unit: PartitionUnit;
  /** units that are made ahead of the current one */
  ahead: number;
  /** whole units that are kept behind the current one; all when undefined */
  keep?: number;
  /**
   * a partition boundary, microseconds: rows from before it come from clocks that were not set. They stay in the default
   * partition: they make none, and no retention takes them
   */
  sinceUs?: number;
  /** storage parameters of new partitions, as in `with (…)`: a constant of ours, not a value from outside */
  storage?: string;
}

/** What dates of PostgreSQL and of JavaScript both reach, and names of partitions too. */
const LAST_US = Date.UTC(9999, 0) * 1000;

/** The partitions of a table, and what strayed into its default one. */
export interface TableState {
  column: string;
  partitions: Partition[];
  defaultPartition: string | undefined;
  strays: { fromUs: number; rows: number }[];
}

/** Reads how a table is partitioned now. */
export async function readState(client: ClientBase, { table, unit }: PartitionedTable): Promise<TableState> {
  const column = await partitionColumn(client, table);
  const partitions = await listPartitions(client, table);
  const defaultPartition = partitions.find((partition) => partition.range === undefined)?.name;
  const strays =
    defaultPartition === undefined
      ? []
      : await countStrays(client, { partition: defaultPartition, column, unit });
  return { column, partitions, defaultPartition, strays };
}

/** Now and ahead, by both clocks, and whatever strayed within what is kept; without what is there already. */
export function rangesToMake(
  table: PartitionedTable,
  clocks: readonly number[],
  { partitions, strays }: TableState,
): PartitionRange[] {
  const { unit, ahead } = table;
  const wanted = clocks.flatMap((us) =>
    Array.from({ length: ahead + 1 }, (_, i) => shiftRange(unit, rangeOf(unit, us), i)),
  );
  const last = Math.max(...wanted.map((range) => range.toUs).filter(Number.isFinite));
  const first = Math.max(table.sinceUs ?? 0, oldestKept(table, clocks));
  for (const { fromUs } of strays) if (fromUs >= first && fromUs < last) wanted.push(rangeOf(unit, fromUs));
  const made: PartitionRange[] = partitions.flatMap(({ range }) => range ?? []);
  return wanted.filter((range) => {
    if (!(range.toUs < LAST_US) || made.some((other) => overlap(range, other))) return false;
    made.push(range);
    return true;
  });
}

/** What of a table is older than is kept. */
export interface ExpiredParts {
  /** names, in their order, which is that of time */
  partitions: string[];
  /** rows of the default partition, and the span that they are in; undefined: there are none */
  strays: { partition: string; column: string; rows: number; sinceUs: number; beforeUs: number } | undefined;
}

/** What retention takes now: the keeper drops this, and the dry run tells this. */
export function expiredOf(
  table: PartitionedTable,
  clocks: readonly number[],
  state: TableState,
): ExpiredParts {
  const beforeUs = oldestKept(table, clocks);
  const partitions = state.partitions
    .filter(({ range }) => range !== undefined && isExpired(range, beforeUs))
    .map(({ name }) => name);
  return { partitions, strays: expiredStrays(table, beforeUs, state) };
}

function expiredStrays(
  { unit, sinceUs = Number.NEGATIVE_INFINITY }: PartitionedTable,
  beforeUs: number,
  { defaultPartition, column, strays }: TableState,
): ExpiredParts['strays'] {
  const old = strays.filter(({ fromUs }) => fromUs >= sinceUs && isExpired(rangeOf(unit, fromUs), beforeUs));
  const rows = old.reduce((sum, stray) => sum + stray.rows, 0);
  if (defaultPartition === undefined || rows === 0) return undefined;
  return { partition: defaultPartition, column, rows, sinceUs, beforeUs };
}

/** Start of the oldest unit that is kept, by the clock that is behind. */
export function oldestKept({ unit, keep }: PartitionedTable, clocks: readonly number[]): number {
  return keep === undefined ? -Infinity : shiftRange(unit, rangeOf(unit, Math.min(...clocks)), -keep).fromUs;
}
