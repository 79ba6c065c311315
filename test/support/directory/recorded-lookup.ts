import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../../fixtures/xml_curl');

/** One request of mod_xml_curl as FreeSWITCH 1.10.12 sent it, and the reply that the lab gave. */
export interface RecordedLookup {
  name: string;
  path: string;
  headers: Record<string, string>;
  body: string;
  status: number;
  reply: string;
}

/** Every distinct request that was recorded. */
export function readRecordedLookups(): RecordedLookup[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .map((name) => parse(name, readFileSync(join(FOLDER, name), 'utf8')));
}

function parse(name: string, text: string): RecordedLookup {
  const [request = '', answer = ''] = text.split(/\r?\n\r?\n--- reply given /);
  const blank = /\r?\n\r?\n/.exec(request);
  const [line = '', ...headerLines] = request.slice(0, blank?.index).split(/\r?\n/);
  const status = Number(/^\((\d+)\)/.exec(answer)?.[1]);
  return {
    name,
    path: line.split(' ')[1] ?? '',
    headers: Object.fromEntries(headerLines.map(splitHeader)),
    body: blank === null ? '' : request.slice(blank.index + blank[0].length),
    status,
    reply: answer.slice(answer.indexOf('\n') + 1),
  };
}

function splitHeader(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
