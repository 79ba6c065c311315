import { nameOf } from '../kept-value.ts';

/** The tag of a leaf with a plain name, and of the leaf that followed it when it was seen last. */
export interface KnownTag {
  /** ASCII: letters, digits, `_`, `-` and `.` */
  readonly name: string;
  readonly codes: Uint8Array;
  next: KnownTag | undefined;
}

/** FreeSWITCH and its modules write some 800 names; callers and dialplans may invent others without end. */
const MAX_KNOWN = 4_096;
const MAX_NAME = 128;

const known = new Map<string, KnownTag>();

/** The tag of this name, remembered as the one that follows `before`; one beyond the bound is remembered by nobody. */
export function tagAfter(before: KnownTag | undefined, name: string): KnownTag {
  const tag = known.get(name) ?? remember(name);
  if (tag === undefined) return { name, codes: NO_CODES, next: undefined };
  if (before !== undefined) before.next = tag;
  return tag;
}

const NO_CODES = new Uint8Array(0);

function remember(cut: string): KnownTag | undefined {
  if (known.size >= MAX_KNOWN || cut.length > MAX_NAME) return undefined;
  const name = nameOf(cut);
  const tag: KnownTag = { name, codes: new Uint8Array(Buffer.from(name, 'latin1')), next: undefined };
  known.set(name, tag);
  return tag;
}

const LESS_THAN = 0x3c;
const GREATER_THAN = 0x3e;
const SLASH = 0x2f;

/** Whether this line of a document's bytes, from its first to its last character, is a leaf of this tag. */
export function isLeafOf({ codes }: KnownTag, bytes: Uint8Array, from: number, to: number): boolean {
  const { length } = codes;
  const close = to - length - 3;
  if (close < from + length + 2) return false;
  if (bytes[from] !== LESS_THAN || bytes[from + length + 1] !== GREATER_THAN) return false;
  if (bytes[close] !== LESS_THAN || bytes[close + 1] !== SLASH || bytes[to - 1] !== GREATER_THAN)
    return false;
  // Byte by byte: startsWith and slices of the text took three times as long, most of what a line cost.
  for (let at = 0; at < length; at += 1) {
    const code = codes[at];
    if (bytes[from + 1 + at] !== code || bytes[close + 2 + at] !== code) return false;
  }
  return true;
}
