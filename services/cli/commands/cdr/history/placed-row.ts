import type { GroupLimits } from '../groups.ts';

/** A row of another system: column → value. */
export type HistoryRow = Readonly<Record<string, unknown>>;

/** A row, and where it was met. */
export interface PlacedRow {
  row: HistoryRow;
  /** file or table, and its line or number there */
  place: string;
  /** how much memory it asks for, about */
  bytes: number;
  /** why nobody can say which of its fields is which */
  flaw?: string;
}

/** Rows that are looked up and published together. */
export const ROWS_TOGETHER: GroupLimits<PlacedRow> = { most: 200, bytesOf: ({ bytes }) => bytes };
