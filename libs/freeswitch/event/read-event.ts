import type { RawEvent } from './channel-event.ts';

export type EventReader = (body: Buffer) => RawEvent;

/** Reads the whole event. @throws SyntaxError when it is no JSON */
export const readWholeEvent: EventReader = (body) => JSON.parse(body.toString('utf8'));

/** What FreeSWITCH writes first in an event of a channel: only those have 150 headers. */
const CHANNEL = Buffer.from('{"Event-Name":"CHANNEL_');
const PLAIN_NAME = /^[ !#-[\]-~]+$/;
const REMEMBERED = 20_000;
const [QUOTE, BACKSLASH, COLON, COMMA, OPEN_LIST, CLOSE_LIST, CLOSE] = [34, 92, 58, 44, 91, 93, 125];
const LAST_ASCII = 127;

/**
 * Makes a reader that takes only the headers it is asked to from the events of channels, without making anything of the
 * others: two thirds of their 6 kB are of no use. It knows the compact JSON that FreeSWITCH writes (names and texts, lists
 * of texts); anything else, and other events, are read whole.
 */
export function createEventReader(isKept: (header: string) => boolean): EventReader {
  const names = createNames(isKept);
  const start = knownHeader('', false);
  return (body) => {
    const isChannel = startsWith(body, CHANNEL, 0);
    return (isChannel ? scan(body, names, start) : undefined) ?? readWholeEvent(body);
  };
}

/** A header by its name, as it stands in the body, and what followed it in the last events: mostly the same again. */
interface Known {
  name: string;
  token: Uint8Array;
  isKept: boolean;
  next: Known | undefined;
  nextBefore: Known | undefined;
}

type Names = (body: Buffer, at: number, previous: Known) => Known | undefined;

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
  return (body, at, previous) => {
    const { next, nextBefore } = previous;
    if (next !== undefined && startsWith(body, next.token, at)) return next;
    if (nextBefore !== undefined && startsWith(body, nextBefore.token, at)) return nextBefore;
    const name = nameAt(body, at);
    const found = name === undefined ? undefined : (known.get(name) ?? learn(name));
    previous.nextBefore = next;
    previous.next = found;
    return found;
  };
}

function knownHeader(name: string, isKept: boolean): Known {
  return { name, token: Buffer.from(`"${name}":`), isKept, next: undefined, nextBefore: undefined };
}

/** Byte by byte: a call that leaves JavaScript costs more than the few bytes that it would compare. */
function startsWith(body: Uint8Array, token: Uint8Array, at: number): boolean {
  for (let i = 0; i < token.length; i += 1) if (body[at + i] !== token[i]) return false;
  return true;
}

function nameAt(body: Buffer, at: number): string | undefined {
  if (body[at] !== QUOTE) return undefined;
  const end = body.indexOf(QUOTE, at + 1);
  return end > 0 && body[end + 1] === COLON ? body.toString('latin1', at + 1, end) : undefined;
}

/** Undefined when it is not in the form that is known. */
function scan(body: Buffer, names: Names, first: Known): RawEvent | undefined {
  // without a prototype, a header named __proto__ is just a header
  const event: Record<string, unknown> = Object.create(null);
  let header: Known | undefined = first;
  for (let at = 1; ; ) {
    header = names(body, at, header);
    if (header === undefined) return undefined;
    const start = at + header.token.length;
    const end = endOfValue(body, start);
    if (end < 0) return undefined;
    if (header.isKept) event[header.name] = readValue(body, start, end);
    if (body[end] === CLOSE && end === body.length - 1) return event;
    if (body[end] !== COMMA) return undefined;
    at = end + 1;
  }
}

/** The position behind a text or a list of texts, negative for anything else. */
function endOfValue(body: Buffer, start: number): number {
  if (body[start] === QUOTE) return closingQuote(body, start + 1) + 1 || -1;
  if (body[start] !== OPEN_LIST) return -1;
  for (let at = start + 1; ; at += 1) {
    if (body[at] !== QUOTE) return -1;
    at = closingQuote(body, at + 1) + 1;
    if (at === 0) return -1;
    if (body[at] === CLOSE_LIST) return at + 1;
    if (body[at] !== COMMA) return -1;
  }
}

/** The next quote that no backslash escapes, -1 when there is none. */
function closingQuote(body: Buffer, start: number): number {
  for (let at = start; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at += 1;
  }
  return -1;
}

function readValue(body: Buffer, start: number, end: number): unknown {
  if (body[start] !== QUOTE) return JSON.parse(body.toString('utf8', start, end));
  for (let at = start + 1; at < end - 1; at += 1) {
    const byte = body[at] ?? 0;
    if (byte === BACKSLASH) return JSON.parse(body.toString('utf8', start, end));
    if (byte > LAST_ASCII) return readBeyondAscii(body, start, end);
  }
  return body.toString('latin1', start + 1, end - 1);
}

function readBeyondAscii(body: Buffer, start: number, end: number): unknown {
  const value = body.toString('utf8', start + 1, end - 1);
  return value.includes('\\') ? JSON.parse(`"${value}"`) : value;
}
