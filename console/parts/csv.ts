/** A cell of a table: a text is a stranger's, a number is ours. */
export type Cell = string | number | null;

/** A table as a file that spreadsheets read (RFC 4180). A text that a spreadsheet would run as a formula is made harmless. */
export function toCsv(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(cellOf).join(',')}\r\n`).join('');
}

function cellOf(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const isFormula = /^[=+\-@\t\r]/.test(cell) && !/^\+\d+$/.test(cell);
  const harmless = isFormula ? `'${cell}` : cell;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
