/** Cells of comma-separated values (RFC 4180) that are safe to open in a spreadsheet. */

/** Beginnings that a spreadsheet takes for a formula (OWASP, CSV injection), as a part of a pattern. */
export const FORMULA_START = String.raw`(?:[\s\uFEFF]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|[\t\r])`;

const FORMULA = new RegExp(`^${FORMULA_START}`);
/** What has to be looked at at all. */
const SPECIAL = new RegExp(`^${FORMULA_START}|[",\r\n]`);
/** A number is no formula: E.164 numbers stay as they are. */
const NUMBER = /^[+-]?[0-9]+(?:[.][0-9]+)?$/;

/** Whether a spreadsheet would calculate the text. */
export const isFormula = (text: string): boolean => FORMULA.test(text) && !NUMBER.test(text);

/** A text as a cell, in quotation marks where it needs them. */
export const csvQuoted = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/**
 * A text that somebody outside may have written, as a cell. What a spreadsheet would calculate gets an apostrophe before it;
 * a plain number with its sign does not.
 */
export function csvText(value: string | null): string {
  if (value === null) return '';
  if (!SPECIAL.test(value)) return value;
  return csvQuoted(isFormula(value) ? `'${value}` : value);
}

/** A row of cells, with its end of line. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.join(',')}\r\n`;
}
