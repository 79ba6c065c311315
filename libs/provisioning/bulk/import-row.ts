import type { Refusal } from '../resource/refusal.ts';
import type { Item } from '../resource/resource.ts';

/** One row of a file: what it says, or why it cannot be read. */
export interface ImportRow {
  /** of the file, the first is 1 */
  line: number;
  read: Item | readonly Refusal[];
}

/** Longer rows are no rows: somebody forgot a quote. */
export const MAX_ROW_BYTES = 65_536;

export const NO_UTF8 = 'is not UTF-8: a spreadsheet writes it as "CSV UTF-8"';

/** Bytes that are no UTF-8 were read as this: the text that somebody wrote is lost. */
export function isMisread(text: string): boolean {
  return text.includes('\u{fffd}');
}
