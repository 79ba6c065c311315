import { decodeEntities } from './xml-element.ts';

/** ` a="b" c="d"`: a value ends where the next ` name="` begins, so a bare quote inside one is kept. */
export function readAttributes(text: string): [string, string][] | undefined {
  return text === '' ? [] : (readPlainAttributes(text) ?? readQuotedAttributes(text));
}

const PLAIN_ATTRIBUTE = / ([A-Za-z_-]+)="([^"]*)"/y;

/** Without a bare quote, as nearly always; undefined for any other. */
function readPlainAttributes(text: string): [string, string][] | undefined {
  const attributes: [string, string][] = [];
  PLAIN_ATTRIBUTE.lastIndex = 0;
  for (let end = 0; end < text.length; end = PLAIN_ATTRIBUTE.lastIndex) {
    const match = PLAIN_ATTRIBUTE.exec(text);
    if (match === null) return undefined;
    attributes.push([match[1] ?? '', decodeEntities(match[2] ?? '')]);
  }
  return attributes;
}

function readQuotedAttributes(text: string): [string, string][] | undefined {
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
