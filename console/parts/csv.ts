import { csvLine, csvText } from '../../libs/csv/cell.ts';

/** A cell of a table: a text is a stranger's, a number is ours. */
export type Cell = string | number | null;

/** A table as a file that spreadsheets read (RFC 4180). A text that a spreadsheet would run as a formula is made harmless. */
export function toCsv(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => csvLine(row.map(cellOf))).join('');
}

const cellOf = (cell: Cell): string => (typeof cell === 'number' ? String(cell) : csvText(cell));
