import { decodeEntities, type XmlElement } from './xml-element.ts';

/** FreeSWITCH nests 7 deep. */
const MAX_DEPTH = 16;

/**
 * Reads XML laid out as FreeSWITCH lays out its CDRs, one element a line, or gives undefined when a line is anything
 * else. Several times faster than a general parser, and safe where one is not: FreeSWITCH makes tag names of variable
 * names (`<set x>`, `<__proto__>`) and leaves a text unescaped after `<!`, so a caller's name may hold markup. A caller
 * cannot put a newline into it, so a line's first tag and last tag are FreeSWITCH's own and all between is text.
 */
export function scanLines(document: string): XmlElement | undefined {
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  for (let start = 0; start < document.length; ) {
    const newline = document.indexOf('\n', start);
    const end = newline < 0 ? document.length : newline;
    const line = document.slice(start, end).trim();
    start = end + 1;
    if (line === '' || (root === undefined && line.startsWith('<?xml'))) continue;
    const parent = open.at(-1);
    if (root !== undefined && parent === undefined) return undefined;
    if (parent !== undefined && line === `</${parent.name}>`) {
      open.pop();
      continue;
    }
    const element = readLine(line);
    if (element === undefined) return undefined;
    if (parent === undefined) root = element.element;
    else parent.children.push(element.element);
    if (!element.closed && open.push(element.element) > MAX_DEPTH) return undefined;
  }
  return open.length === 0 ? root : undefined;
}

interface Line {
  element: XmlElement;
  closed: boolean;
}

function readLine(line: string): Line | undefined {
  if (line[0] !== '<' || !line.endsWith('>')) return undefined;
  const close = line.lastIndexOf('</');
  if (close > 0) return readLeaf(line, close);
  if (close === 0) return undefined;
  const closed = line.endsWith('/>');
  const tag = line.slice(1, closed ? -2 : -1);
  return tag.includes('>') ? undefined : withAttributes({ tag, name: firstWord(tag), text: '', closed });
}

/** `<name>text</name>` or `<name a="b">text</name>`: the closing tag says what the name is. */
function readLeaf(line: string, close: number): Line | undefined {
  const name = line.slice(close + 2, -1);
  if (name === '') return undefined;
  if (line.startsWith(`${name}>`, 1)) {
    const text = line.slice(name.length + 2, close);
    return { element: { name, attributes: [], children: [], text: decodeEntities(text) }, closed: true };
  }
  if (!line.startsWith(`${name} `, 1)) return undefined;
  const end = line.lastIndexOf('>', close);
  if (end < 0) return undefined;
  return withAttributes({ tag: line.slice(1, end), name, text: line.slice(end + 1, close), closed: true });
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
  return { element: { name, attributes, children: [], text: decodeEntities(text) }, closed };
}

/** ` a="b" c="d"`: a value ends where the next ` name="` begins, so a bare quote inside one is kept. */
function readAttributes(text: string): [string, string][] | undefined {
  if (text === '') return [];
  const starts = [...text.matchAll(/ ([A-Za-z_-]+)="/g)];
  if (starts[0]?.index !== 0 || !text.endsWith('"')) return undefined;
  const attributes: [string, string][] = [];
  for (const [position, match] of starts.entries()) {
    const from = match.index + match[0].length;
    const to = (starts[position + 1]?.index ?? text.length) - 1;
    if (to < from || text[to] !== '"') return undefined;
    attributes.push([match[1] ?? '', decodeEntities(text.slice(from, to))]);
  }
  return attributes;
}
