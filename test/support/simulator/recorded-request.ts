import { openBody } from './cdr-body.ts';
import type { RecordedRequest } from './recorded-item.ts';

interface RequestLine {
  t: string;
  url: string;
  rawHeaders: string[];
  body?: string;
  body_b64?: string;
  status: number;
}

/**
 * Reads recorded requests, one JSON object a line. Of several posts of one CDR (retries) only the first is kept, as the
 * simulator makes its own retries.
 */
export function readRecordedRequests(lines: string): RecordedRequest[] {
  const requests = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => toRequest(JSON.parse(line) as RequestLine));
  const seen = new Set<string>();
  const aLegs = new Set(requests.filter(({ prefix }) => prefix === 'a_').map(({ uuid }) => uuid));
  return requests.flatMap((request) => {
    const key = `${request.kind} ${request.uuid}`;
    if (request.uuid !== '' && seen.has(key)) return [];
    seen.add(key);
    return [aLegs.has(request.uuid) ? { ...request, prefix: 'a_' as const } : request];
  });
}

function toRequest(line: RequestLine): RecordedRequest {
  const { pathname, searchParams } = new URL(line.url.replace('&uuid=', '?uuid='), 'http://recorded');
  const leg = searchParams.get('uuid') ?? '';
  const bytes =
    line.body_b64 === undefined ? Buffer.from(line.body ?? '') : Buffer.from(line.body_b64, 'base64');
  const body = bytes.toString('latin1');
  return {
    kind: leg === '' ? 'xml-curl' : pathname.includes('json') ? 'json-cdr' : 'cdr',
    atUs: Date.parse(line.t) * 1000,
    node: nodeOf(body),
    uuid: leg.replace(/^a_/, ''),
    prefix: leg.startsWith('a_') ? 'a_' : '',
    headers: pairs(line.rawHeaders),
    body,
    status: line.status,
  };
}

/** A CDR names its node as `switchname`, a question as `hostname` (which is the switchname all the same). */
function nodeOf(body: string): string {
  const match =
    /^hostname=([^&]*)/.exec(body) ??
    /switchname(?:%3D%22|="|":")([\w.-]+?)(?:%22|")/.exec(openBody(body).slice(0, 400));
  return match?.[1] ?? '';
}

function pairs(rawHeaders: readonly string[]): [string, string][] {
  const headers: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    headers.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '']);
  }
  return headers;
}
