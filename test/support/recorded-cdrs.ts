import { globSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

const FIXTURES = resolve(import.meta.dirname, '../fixtures');

/** A CDR as FreeSWITCH sent it: the bytes of the request's body, or of a spool file. */
export interface RecordedCdr {
  /** run, label and URL, to find it again */
  name: string;
  url: string;
  contentType: string;
  body: Buffer;
}

interface RecordedRequest {
  run?: string;
  label: string;
  url: string;
  rawHeaders: string[];
  body?: string;
  body_b64?: string;
}

/** Every /cdr and /json-cdr request of runs 01 to 04. */
export function recordedPosts(): RecordedCdr[] {
  const files = ['run-01/http.jsonl.gz', 'cdr/posts.jsonl.gz'];
  return files.flatMap((file) => readLines(file).filter(isCdr).map(toRecorded));
}

/** Every file that FreeSWITCH left in its spool folders. */
export function spoolFiles(): RecordedCdr[] {
  return globSync(join(FIXTURES, 'cdr/spool/*/*/*.cdr.xml'))
    .sort()
    .map((path) => {
      const file = basename(path);
      const uuid = file.replace('.cdr.xml', '');
      return { name: path, url: `/cdr?uuid=${uuid}`, contentType: '', body: readFileSync(path) };
    });
}

function readLines(file: string): RecordedRequest[] {
  const text = gunzipSync(readFileSync(join(FIXTURES, file))).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RecordedRequest);
}

function isCdr({ url }: RecordedRequest): boolean {
  return /^\/(json-)?cdr/.test(url);
}

function toRecorded(request: RecordedRequest): RecordedCdr {
  const header = request.rawHeaders.indexOf('Content-Type');
  return {
    name: `${request.run ?? 'run-01'} ${request.label} ${request.url}`,
    url: request.url,
    contentType: request.rawHeaders[header + 1] ?? '',
    body:
      request.body_b64 === undefined
        ? Buffer.from(request.body ?? '', 'utf8')
        : Buffer.from(request.body_b64, 'base64'),
  };
}

/** The leg that the URL names. */
export function uuidOf({ url }: RecordedCdr): string {
  return /uuid=(?:a_)?([0-9a-f-]{36})/.exec(url)?.[1] ?? '';
}
