import type { Refusal } from '../resource/refusal.ts';
import type { Item } from '../resource/resource.ts';

/** One row of a file: what it says, or why it cannot be read. */
export interface ImportRow {
  /** of the file, the first is 1 */
  line: number;
  read: Item | readonly Refusal[];
}
