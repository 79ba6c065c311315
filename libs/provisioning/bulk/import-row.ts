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
