import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const RUN = join(import.meta.dirname, '../../fixtures/run-01/http.jsonl.gz');
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

interface RecordedLine {
  t: string;
  url: string;
  rawHeaders: string[];
  body?: string;
  status: number;
  reply?: string;
}

/** Every question that both servers asked in run 01, in order, with the replies of the lab's directory. */
export function readRecordedRun(): RecordedLookup[] {
  return gunzipSync(readFileSync(RUN))
    .toString('utf8')
    .split('\n')
    .filter((line) => line.includes('section='))
    .map((line) => JSON.parse(line) as RecordedLine)
    .map(({ t, url, rawHeaders, body = '', status, reply = '' }) => ({
      name: `run 01 at ${t}`,
      path: url,
      headers: headersOf(rawHeaders),
      body,
      status,
      reply,
    }));
}

function headersOf(raw: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let index = 0; index < raw.length; index += 2) {
    headers[(raw[index] ?? '').toLowerCase()] = raw[index + 1] ?? '';
  }
  return headers;
}

function splitHeader(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
