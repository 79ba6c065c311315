import type { RawEvent } from './channel-event.ts';

export type EventReader = (body: Buffer) => RawEvent;

/** Reads the whole event. @throws SyntaxError when it is no JSON */
export const readWholeEvent: EventReader = (body) => JSON.parse(body.toString('utf8'));

/** What FreeSWITCH writes first in an event of a channel: only those have 150 headers. */
const CHANNEL = '{"Event-Name":"CHANNEL_';
const PLAIN_NAME = /^[ !#-[\]-~]+$/;
const REMEMBERED = 20_000;
const [QUOTE, BACKSLASH, COLON, COMMA, OPEN_LIST, CLOSE_LIST, CLOSE] = [34, 92, 58, 44, 91, 93, 125];

/**
 * Makes a reader that takes only the headers it is asked to from the events of channels, without making anything of the
 * others: two thirds of their 6 kB are of no use. It knows the compact JSON that FreeSWITCH writes (names and texts, lists
 * of texts); anything else, and other events, are read whole.
 */
export function createEventReader(isKept: (header: string) => boolean): EventReader {
  const names = createNames(isKept);
  const start = knownHeader('', false);
  return (body) => {
    // one character a byte: positions in the text are positions in the body
    const text = body.toString('latin1');
    return (text.startsWith(CHANNEL) ? scan(text, body, names, start) : undefined) ?? readWholeEvent(body);
  };
}

/** A header by its name, as it stands in the text, and what followed it in the last events: mostly the same again. */
interface Known {
  name: string;
  token: string;
  isKept: boolean;
  next: Known | undefined;
  nextBefore: Known | undefined;
}

type Names = (text: string, at: number, previous: Known) => Known | undefined;

/** Finds the header that begins at a position: by guess, which costs a comparison, else by its name. */
function createNames(isKept: (header: string) => boolean): Names {
  const known = new Map<string, Known>();
  const learn = (name: string): Known | undefined => {
    if (!PLAIN_NAME.test(name)) return undefined;
    if (known.size >= REMEMBERED) known.clear();
    const learnt = knownHeader(name, isKept(name));
    known.set(name, learnt);
    return learnt;
  };
  return (text, at, previous) => {
    const { next, nextBefore } = previous;
    if (next !== undefined && text.startsWith(next.token, at)) return next;
    if (nextBefore !== undefined && text.startsWith(nextBefore.token, at)) return nextBefore;
    const name = nameAt(text, at);
    const found = name === undefined ? undefined : (known.get(name) ?? learn(name));
    previous.nextBefore = next;
    previous.next = found;
    return found;
  };
}

function knownHeader(name: string, isKept: boolean): Known {
  return { name, token: `"${name}":`, isKept, next: undefined, nextBefore: undefined };
}

function nameAt(text: string, at: number): string | undefined {
  const end = text.indexOf('"', at + 1);
  const isName = text.charCodeAt(at) === QUOTE && end > 0 && text.charCodeAt(end + 1) === COLON;
  return isName ? text.slice(at + 1, end) : undefined;
}

/** Undefined when it is not in the form that is known. */
function scan(text: string, body: Buffer, names: Names, first: Known): RawEvent | undefined {
  // without a prototype, a header named __proto__ is just a header
  const event: Record<string, unknown> = Object.create(null);
  let header: Known | undefined = first;
  for (let at = 1; ; ) {
    header = names(text, at, header);
    if (header === undefined) return undefined;
    const start = at + header.token.length;
    const end = endOfValue(text, start);
    if (end < 0) return undefined;
    if (header.isKept) event[header.name] = readValue(body, start, end);
    if (text.charCodeAt(end) === CLOSE && end === text.length - 1) return event;
    if (text.charCodeAt(end) !== COMMA) return undefined;
    at = end + 1;
  }
}

/** The position behind a text or a list of texts, negative for anything else. */
function endOfValue(text: string, start: number): number {
  if (text.charCodeAt(start) === QUOTE) return closingQuote(text, start + 1) + 1 || -1;
  if (text.charCodeAt(start) !== OPEN_LIST) return -1;
  for (let at = start + 1; ; at += 1) {
    if (text.charCodeAt(at) !== QUOTE) return -1;
    at = closingQuote(text, at + 1) + 1;
    if (at === 0) return -1;
    if (text.charCodeAt(at) === CLOSE_LIST) return at + 1;
    if (text.charCodeAt(at) !== COMMA) return -1;
  }
}

/** The next quote that is not escaped: that has an even number of backslashes before it. -1 when there is none. */
function closingQuote(text: string, start: number): number {
  for (let at = text.indexOf('"', start); at >= 0; at = text.indexOf('"', at + 1)) {
    let before = at;
    while (text.charCodeAt(before - 1) === BACKSLASH) before -= 1;
    if ((at - before) % 2 === 0) return at;
  }
  return -1;
}

function readValue(body: Buffer, start: number, end: number): unknown {
  // decoded by itself: a slice of the text would keep the whole event in memory for as long as the value is kept
  if (body[start] !== QUOTE) return JSON.parse(body.toString('utf8', start, end));
  const value = body.toString('utf8', start + 1, end - 1);
  return value.includes('\\') ? JSON.parse(`"${value}"`) : value;
}
