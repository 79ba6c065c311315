import type { SpooledFile } from './spooled-file.ts';

/** Files that are read, looked up and published together. */
const TOGETHER = 64;
const TOGETHER_BYTES = 8 * 1024 * 1024;

/** Files in groups that fit into memory; one that is larger than a group is one alone. */
export function* groupsOf(files: readonly SpooledFile[]): Generator<SpooledFile[]> {
  let group: SpooledFile[] = [];
  let bytes = 0;
  for (const file of files) {
    if (group.length > 0 && (group.length >= TOGETHER || bytes + file.size > TOGETHER_BYTES)) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(file);
    bytes += file.size;
  }
  if (group.length > 0) yield group;
}
