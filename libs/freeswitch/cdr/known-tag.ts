import { nameOf } from '../kept-value.ts';

/** The tag of a leaf with a plain name, and of the leaf that followed it when it was seen last. */
export interface KnownTag {
  readonly name: string;
  readonly open: string;
  readonly close: string;
  next: KnownTag | undefined;
}

/** FreeSWITCH and its modules write some 800 names; callers and dialplans may invent others without end. */
const MAX_KNOWN = 4_096;
const MAX_NAME = 128;

const known = new Map<string, KnownTag>();

/** The tag of this name, remembered as the one that follows `before`. */
export function tagAfter(before: KnownTag | undefined, name: string): KnownTag {
  const tag = known.get(name) ?? remember(name);
  if (before !== undefined) before.next = tag;
  return tag;
}

function remember(cut: string): KnownTag {
  const name = nameOf(cut);
  const tag: KnownTag = { name, open: `<${name}>`, close: `</${name}>`, next: undefined };
  if (known.size < MAX_KNOWN && name.length <= MAX_NAME) known.set(name, tag);
  return tag;
}

/** Whether this line of a text, from its first to its last character, is a leaf of this tag. */
export function isLeafOf({ open, close }: KnownTag, text: string, from: number, to: number): boolean {
  const end = to - close.length;
  return end >= from + open.length && text.startsWith(open, from) && text.startsWith(close, end);
}
