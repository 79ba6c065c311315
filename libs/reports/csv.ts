/** Cells of comma-separated values (RFC 4180) that are safe to open in a spreadsheet. */

/** What has to be looked at: quotes and separators, and beginnings that a spreadsheet takes for a formula. */
const SPECIAL = /^[\s\uFEFF]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r]|[",\r\n]/;
const FORMULA = /^[\s\uFEFF]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r]/;
/** A number is no formula: E.164 numbers stay as they are. */
const NUMBER = /^[+-]?[0-9]+(?:[.][0-9]+)?$/;

/**
 * A text that somebody outside may have written, as a cell. What a spreadsheet would calculate gets an apostrophe before it
 * (OWASP, CSV injection); a plain number with its sign does not.
 */
export function csvText(value: string | null): string {
  if (value === null) return '';
  if (!SPECIAL.test(value)) return value;
  const harmless = FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** A row of cells, with its end of line. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.join(',')}\r\n`;
}
