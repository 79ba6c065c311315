/** One header of an event; an array variable (`ARRAY::a|:b`) is a list. Some names occur twice in one event. */
export type EventHeader = readonly [name: string, value: string | readonly string[]];

const TEXT = String.raw`"(?:[^"\\]|\\.)*"`;
const PAIR = new RegExp(`(${TEXT}):(${TEXT}|\\[(?:${TEXT},?)*\\])[,}]`, 'gy');

/** The headers of a flat JSON event in their order, repeated ones included (JSON.parse keeps only the last of a name). */
export function readJsonEvent(json: string): EventHeader[] {
  const headers: EventHeader[] = [];
  PAIR.lastIndex = 1;
  for (let pair = PAIR.exec(json); pair !== null; pair = PAIR.exec(json)) {
    headers.push([JSON.parse(pair[1] ?? '""'), JSON.parse(pair[2] ?? '""')]);
  }
  return headers;
}

/** As FreeSWITCH's cJSON prints it: no spaces, values as text, the body last as `_body`. */
export function writeJsonEvent(headers: readonly EventHeader[]): string {
  return `{${headers.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
}

/** Reads the body of a text/event-plain frame: encoded headers, an empty line, an optional body. */
export function readPlainEvent(plain: string): EventHeader[] {
  const headEnd = plain.indexOf('\n\n');
  const headers: EventHeader[] = [];
  for (const line of plain.slice(0, headEnd).split('\n')) {
    const colon = line.indexOf(': ');
    if (colon > 0) headers.push([line.slice(0, colon), readArray(decodeValue(line.slice(colon + 2)))]);
  }
  const body = plain.slice(headEnd + 2);
  if (body !== '') headers.push(['_body', body]);
  return headers;
}

/** Writes the body of a text/event-plain frame, as switch_event_serialize does. */
export function writePlainEvent(headers: readonly EventHeader[]): string {
  let head = '';
  let body: string | undefined;
  for (const [name, value] of headers) {
    if (name === '_body') body = String(value);
    else if (name !== 'Content-Length') head += `${name}: ${encodeValue(writeArray(value))}\n`;
  }
  return body === undefined ? `${head}\n` : `${head}Content-Length: ${body.length}\n\n${body}`;
}

function readArray(value: string): string | string[] {
  return value.startsWith('ARRAY::') ? value.slice('ARRAY::'.length).split('|:') : value;
}

function writeArray(value: string | readonly string[]): string {
  return typeof value === 'string' ? value : `ARRAY::${value.join('|:')}`;
}

/** switch_url_encode: its own set of unsafe characters, and an existing %XX is left as it is. */
function encodeValue(value: string): string {
  return value.replace(
    /%(?![0-9A-Fa-f]{2})|[\r\n "#&+:;<=>?@[\\\]^`{|}]|[^ -~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

function decodeValue(value: string): string {
  return value.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
