import { endOfLeaf, type IsWanted, isWantedBy, type KnownTag, tagAfter } from './known-tag.ts';
import { readAttributes } from './xml-attributes.ts';
import { decodeEntities, type XmlElement } from './xml-element.ts';

/** FreeSWITCH nests 7 deep. */
const MAX_DEPTH = 16;

/** Which leaves of an element's children are wanted, by their names; all of them without a test. */
export type Sift = (parent: string) => IsWanted | undefined;

export interface ScanOptions {
  sift?: Sift | undefined;
  /** what the document is the text of */
  bytes?: Uint8Array | undefined;
}

/** A document, and its bytes where each is a character. */
interface Source {
  text: string;
  bytes: Uint8Array | undefined;
}

/** A line of a text, without the space around it. */
interface Span {
  from: number;
  to: number;
}

interface Open {
  element: XmlElement;
  isWanted: IsWanted | undefined;
}

/**
 * Reads XML laid out as FreeSWITCH lays out its CDRs, one element a line, or gives undefined when a line is anything
 * else. Several times faster than a general parser, and safe where one is not: FreeSWITCH makes tag names of variable
 * names (`<set x>`, `<__proto__>`) and leaves a text unescaped after `<!`, so a caller's name may hold markup: on one
 * line, the first tag and the last are FreeSWITCH's own and all between is text. (`isForgeable` tells of more lines.)
 * `sift` leaves out leaves that nobody will read; their lines are checked all the same. With its `bytes` a document is
 * read in half the time.
 */
export function scanLines(
  document: string,
  { sift = () => undefined, bytes }: ScanOptions = {},
): XmlElement | undefined {
  // As many bytes as characters: none takes two, and a tag stands at the same place in both.
  const source: Source = { text: document, bytes: bytes?.length === document.length ? bytes : undefined };
  const open: Open[] = [];
  let root: XmlElement | undefined;
  let tag: KnownTag | undefined;
  for (let start = 0; start < document.length; ) {
    const parent = open.at(-1);
    const from = skipSpace(document, start, document.length);
    const end = parent === undefined ? -1 : endOfUsual(source, from, tag?.next);
    if (parent !== undefined && tag?.next !== undefined && end >= 0) {
      tag = tag.next;
      start = end;
      addLeaf(parent, tag, { text: document, from, to: end });
      continue;
    }
    const newline = document.indexOf('\n', from);
    const next = newline < 0 ? document.length : newline;
    const to = skipSpaceBack(document, from, next);
    start = next + 1;
    if (from === to || (root === undefined && isDeclaration(document, from, to))) continue;
    if (root !== undefined && parent === undefined) return undefined;
    if (parent !== undefined && isClosing(document, from, to, parent.element.name)) {
      open.pop();
      continue;
    }
    const name = parent && plainName(document, { from, to });
    if (parent !== undefined && name !== undefined) {
      tag = tagAfter(tag, name);
      addLeaf(parent, tag, { text: document, from, to });
      continue;
    }
    const long = parent && longLeaf(document, from);
    if (parent !== undefined && long !== undefined) {
      tag = tagAfter(tag, long.name);
      start = long.end;
      addLeaf(parent, tag, { text: document, from, to: long.end });
      continue;
    }
    const line = readLine(document, from, to, parent?.isWanted);
    if (line === undefined) return undefined;
    if (line === UNWANTED) continue;
    if (parent === undefined) root = line.element;
    else parent.element.children.push(line.element);
    if (line.closed) continue;
    if (open.push({ element: line.element, isWanted: sift(line.element.name) }) > MAX_DEPTH) return undefined;
  }
  return open.length === 0 ? root : undefined;
}

interface Line {
  element: XmlElement;
  closed: boolean;
}

const UNWANTED = Symbol('a leaf that nobody will read');
/** Shared by all leaves: nothing is ever added to them. */
const NONE: XmlElement[] = [];
const NO_ATTRIBUTES: readonly (readonly [string, string])[] = [];

const LESS_THAN = 0x3c;
const GREATER_THAN = 0x3e;
const SLASH = 0x2f;
const SPACE = 0x20;
const BANG = 0x21;
const NEWLINE = 0x0a;

function isSpace(code: number): boolean {
  return code === SPACE || (code >= 0x09 && code <= 0x0d);
}

function skipSpace(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

function skipSpaceBack(text: string, from: number, to: number): number {
  let at = to;
  while (at > from && isSpace(text.charCodeAt(at - 1))) at -= 1;
  return at;
}

function isClosing(text: string, from: number, to: number, name: string): boolean {
  return (
    to - from === name.length + 3 &&
    text.charCodeAt(from + 1) === SLASH &&
    text.charCodeAt(from) === LESS_THAN &&
    text.charCodeAt(to - 1) === GREATER_THAN &&
    text.startsWith(name, from + 2)
  );
}

function readLine(
  text: string,
  from: number,
  to: number,
  isWanted: Open['isWanted'],
): Line | typeof UNWANTED | undefined {
  if (text.charCodeAt(from) !== LESS_THAN || text.charCodeAt(to - 1) !== GREATER_THAN) return undefined;
  const close = lastClosingTag(text, from, to);
  if (close > from) return readLeaf(text, { from, close, to }, isWanted);
  if (close === from) return undefined;
  const closed = text.charCodeAt(to - 2) === SLASH && to - from > 2;
  const tag = text.slice(from + 1, closed ? to - 2 : to - 1);
  return tag.includes('>') || !isText(text, from + 1, to)
    ? undefined
    : withAttributes({ tag, name: firstWord(tag), text: '', closed });
}

/**
 * Where the usual line ends, `<name>text</name>` of the expected tag, which need not be searched; -1 for any other. CDRs bring
 * the same names in the same order, so that mostly it is the one that followed the last time.
 */
function endOfUsual({ text, bytes }: Source, from: number, expected: KnownTag | undefined): number {
  if (expected === undefined || bytes === undefined) return -1;
  const end = endOfLeaf(expected, text, bytes, from);
  return endsLine(text, end) ? end : -1;
}

function endsLine(text: string, end: number): boolean {
  return end >= text.length || text.charCodeAt(end) === NEWLINE;
}

/** `<name>text</name>` of a plain name with a text of several lines, none of which holds a `<`. */
function longLeaf(text: string, from: number): { name: string; end: number } | undefined {
  const after = endOfPlainTag(text, from);
  if (after < 0) return undefined;
  const name = text.slice(from + 1, after);
  const close = text.indexOf('<', after);
  const end = close + name.length + 3;
  if (close < 0 || !text.startsWith(`</${name}>`, close)) return undefined;
  return endsLine(text, end) ? { name, end } : undefined;
}

/** Where the `>` of `<name>` stands that begins here, a plain name; -1 where there is no such tag. */
function endOfPlainTag(text: string, from: number): number {
  let after = from + 1;
  while (PLAIN[text.charCodeAt(after)] === 1) after += 1;
  const isTag = text.charCodeAt(from) === LESS_THAN && text.charCodeAt(after) === GREATER_THAN;
  return isTag && after > from + 1 ? after : -1;
}

/** Of a leaf that nobody wants no text is made: most are such. */
function addLeaf(
  { element, isWanted }: Open,
  tag: KnownTag,
  { text, from, to }: Span & { text: string },
): void {
  if (isWanted !== undefined && !isWantedBy(isWanted, tag)) return;
  const { name } = tag;
  const content = decodeEntities(text.slice(from + name.length + 2, to - name.length - 3));
  element.children.push({ name, attributes: NO_ATTRIBUTES, children: NONE, text: content });
}

/** The name of a usual line's tag; undefined for any other. */
function plainName(text: string, { from, to }: Span): string | undefined {
  const after = endOfPlainTag(text, from);
  const close = to - (after - from) - 2;
  if (after < 0 || close <= after || text.charCodeAt(to - 1) !== GREATER_THAN) return undefined;
  if (text.charCodeAt(close) !== LESS_THAN || text.charCodeAt(close + 1) !== SLASH) return undefined;
  const name = text.slice(from + 1, after);
  return text.startsWith(name, close + 2) && isText(text, after + 1, close) ? name : undefined;
}

/**
 * Whether what stands between two tags can be a text: FreeSWITCH escapes each `<` that no `!` follows. Where it is not, the line holds
 * several elements.
 */
function isText(document: string, from: number, to: number): boolean {
  const first = document.indexOf('<', from);
  return first < 0 || first >= to || document.charCodeAt(first + 1) === BANG;
}

/** `<?xml …?>`, and nothing behind it. */
function isDeclaration(text: string, from: number, to: number): boolean {
  return text.startsWith('<?xml', from) && text.indexOf('?>', from) === to - 2;
}

/** Letters, digits, `_`, `-` and `.`, by their codes. */
const PLAIN = Uint8Array.from({ length: 128 }, (_, code) => Number(/[\w.-]/.test(String.fromCharCode(code))));

/** Where the last `</` of a line stands, -1 without one. (lastIndexOf is several times slower.) */
function lastClosingTag(text: string, from: number, to: number): number {
  for (let at = to - 2; at >= from; at -= 1) {
    if (text.charCodeAt(at) === LESS_THAN && text.charCodeAt(at + 1) === SLASH) return at;
  }
  return -1;
}

/** `<name>text</name>` or `<name a="b">text</name>`: the closing tag says what the name is. */
function readLeaf(
  text: string,
  { from, close, to }: { from: number; close: number; to: number },
  isWanted: Open['isWanted'],
): Line | typeof UNWANTED | undefined {
  const name = text.slice(close + 2, to - 1);
  if (name === '' || !text.startsWith(name, from + 1)) return undefined;
  const after = from + 1 + name.length;
  if (text.charCodeAt(after) === GREATER_THAN && after < close) {
    if (!isText(text, after + 1, close)) return undefined;
    if (isWanted !== undefined && !isWanted(name)) return UNWANTED;
    const content = decodeEntities(text.slice(after + 1, close));
    return { element: { name, attributes: NO_ATTRIBUTES, children: NONE, text: content }, closed: true };
  }
  if (text.charCodeAt(after) !== SPACE || !isText(text, after, close)) return undefined;
  const end = text.lastIndexOf('>', close);
  if (end <= after) return undefined;
  return withAttributes({
    tag: text.slice(from + 1, end),
    name,
    text: text.slice(end + 1, close),
    closed: true,
  });
}

function firstWord(tag: string): string {
  const space = tag.indexOf(' ');
  return space < 0 ? tag : tag.slice(0, space);
}

function withAttributes({
  tag,
  name,
  text,
  closed,
}: Omit<Line, 'element'> & { tag: string; name: string; text: string }): Line | undefined {
  const attributes = readAttributes(tag.slice(name.length));
  if (attributes === undefined || name === '') return undefined;
  const children = closed ? NONE : [];
  return { element: { name, attributes, children, text: decodeEntities(text) }, closed };
}
