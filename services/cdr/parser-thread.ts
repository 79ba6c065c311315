import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import type { JsonBytes } from '../../libs/bus/json-bytes.ts';
import { inOnePiece } from '../../libs/bus/one-piece.ts';
import { keptVariables } from '../../libs/freeswitch/cdr/kept-variables.ts';
import type { CdrReject } from '../../libs/records/cdr-reject.ts';
import type { ParsedBatch, ParsedPost, ParserReady, PostBatch, PostHead } from './parser-messages.ts';
import { readPost } from './read-post.ts';

/** The other thread of service cdr: reads posts, writes their records as JSON, and gives both back in one piece. */
if (isMainThread || parentPort === null) throw new Error('parser-thread.ts is the entry of a thread');
const port = parentPort;
const keepVariable = keptVariables((workerData as { variables: readonly string[] }).variables);

function parse({ batch, posts, bodies }: PostBatch): ParsedBatch {
  const written: Buffer[] = [];
  let end = 0;
  const parsed = posts.map((post): ParsedPost => {
    const read = readPart(post, bodies);
    if ('reason' in read) return read;
    written.push(read.json);
    const from = end;
    end += read.json.length;
    return { key: read.key, node: read.node, from, to: end };
  });
  return { batch, parsed, json: inOnePiece(written) };
}

interface Rejected {
  reason: string;
  detail: string;
}

function readPart(
  { from, to, ...post }: PostHead,
  bodies: ArrayBuffer,
): { key: string; node: string | null; json: Buffer } | Rejected {
  const body = Buffer.from(bodies, from, to - from);
  const { record, reason, node } = readPost(
    { ...post, body, contentType: undefined, sourceIp: '' },
    keepVariable,
  );
  if (reason !== undefined) return { reason, detail: (record.value as CdrReject).detail };
  return { key: record.key, node, json: (record.value as JsonBytes).bytes };
}

port.on('message', (message: PostBatch) => {
  const answer = parse(message);
  port.postMessage(answer, [answer.json]);
});
port.postMessage({ ready: true } satisfies ParserReady);
