import type { Worker } from 'node:worker_threads';
import { JsonBytes } from '../../libs/bus/json-bytes.ts';
import { inOnePiece } from '../../libs/bus/one-piece.ts';
import { CodedError } from '../../libs/errors/coded-error.ts';
import { type Outgoing, type PostedCdr, rejected } from '../../libs/freeswitch/cdr/posted-cdr.ts';
import type { Stoppable } from '../../libs/lifecycle/stoppable.ts';
import { TOPICS } from '../../libs/records/topics.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import type { ParsedBatch, ParsedPost, ParserReady, PostBatch } from './parser-messages.ts';
import { readingPatienceMs } from './patience.ts';
import { unavailable } from './publish.ts';
import { openRoomyThread } from './roomy-thread.ts';

/** Reads posts in a thread of its own, so that a second core does half of the work. */
export interface Parser extends Stoppable {
  /** Resolves when the thread can read. @throws CodedError `parser-unavailable` when it does not within half a minute */
  start(): Promise<void>;
  /** @throws HttpError 503 `parser-unavailable` when the thread does not answer in time, or dies */
  read(post: PostedCdr): Promise<Outgoing>;
}

export interface ParserOptions {
  /** the configured list of variables that rows keep */
  variables: readonly string[];
  logger: Logger;
  /** the thread's file, for tests */
  entry?: URL;
}

/** A post that somebody waits for, until it is read or given up. */
interface Waiting {
  post: PostedCdr;
  timer: NodeJS.Timeout;
  resolve(outgoing: Outgoing): void;
  reject(error: Error): void;
}

/** What the thread has in hand, also when nobody waits for it any more. */
interface Batch {
  number: number;
  waiting: readonly Waiting[];
  bytes: number;
}

/** A thread that is busy with one batch for so long is ended, and another one begun. */
const HUNG_MS = 10_000;
const RESTART_MS = 250;
const START_MS = 30_000;
/** Posts that are handed over and come back together: the first of many shall not wait for the last. */
const TOGETHER = 16;
const TOGETHER_BYTES = 512 * 1024;
/** Batches that the thread has in hand: it finds another one when it is through, and what comes meanwhile goes together. */
const IN_HAND = 2;
/** What the thread may have in hand; more is refused. */
const HELD_BYTES = 64 * 1024 * 1024;
const THREAD = new URL('./parser-thread.ts', import.meta.url);

/** Makes the parser; `start` begins its thread, and one that dies is followed by another. Posts keep their order. */
export function createParser({ variables, logger, entry = THREAD }: ParserOptions): Parser {
  // No map: one that is filled and emptied for ever leaves tables behind that each name the next one, and V8 keeps what they held.
  let batches: readonly Batch[] = [];
  const ready = Promise.withResolvers<void>();
  let next: Waiting[] = [];
  let number = 0;
  let heldBytes = 0;
  let answeredAt = performance.now();
  let isStopped = false;
  let restart: NodeJS.Timeout | undefined;
  let thread: Worker | undefined;
  let watch: NodeJS.Timeout | undefined;

  function endHung(): void {
    if (batches.length > 0 && performance.now() - answeredAt > HUNG_MS) void thread?.terminate();
  }

  function open(): Worker {
    const worker = openRoomyThread(entry, { workerData: { variables } });
    worker.unref();
    worker.on('message', (message: ParsedBatch | ParserReady) =>
      'ready' in message ? ready.resolve() : settle(message),
    );
    worker.on('error', (error) => logger.error({ err: error }, 'the thread that reads CDRs failed'));
    worker.on('exit', () => {
      giveUpAll();
      if (!isStopped) restart = setTimeout(reopen, RESTART_MS).unref();
    });
    return worker;
  }

  /** What was sent meanwhile went to nobody. */
  function reopen(): void {
    giveUpAll();
    thread = open();
  }

  function giveUpAll(): void {
    for (const { waiting } of batches) for (const one of waiting) giveUp(one);
    for (const one of next) giveUp(one);
    batches = [];
    next = [];
    heldBytes = 0;
  }

  function sendAll(): void {
    while (next.length > 0 && batches.length < IN_HAND) send(next.splice(0, countOf(next)));
  }

  function send(waiting: readonly Waiting[]): void {
    number += 1;
    if (batches.length === 0) answeredAt = performance.now();
    const message = toBatch(number, waiting);
    const bytes = message.bodies.byteLength;
    heldBytes += bytes;
    batches = [...batches, { number, waiting, bytes }];
    thread?.postMessage(message, [message.bodies]);
  }

  function settle({ batch, parsed, json }: ParsedBatch): void {
    answeredAt = performance.now();
    const known = batches.find((other) => other.number === batch);
    if (known === undefined) return;
    batches = batches.filter((other) => other !== known);
    heldBytes -= known.bytes;
    sendAll();
    for (const [at, { post, timer, resolve }] of known.waiting.entries()) {
      const read = parsed[at];
      clearTimeout(timer);
      if (read !== undefined) resolve(toOutgoing(post, read, json));
    }
  }

  function wait(post: PostedCdr): Promise<Outgoing> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        post,
        resolve,
        reject,
        timer: setTimeout(() => forget(waiting), readingPatienceMs(post.body.length)),
      };
      if (next.push(waiting) === 1) setImmediate(sendAll);
    });
  }

  /** What the thread has not been given yet need not be read any more. */
  function forget(waiting: Waiting): void {
    giveUp(waiting);
    next = next.filter((other) => other !== waiting);
  }

  return {
    start: async () => {
      thread = open();
      watch = setInterval(endHung, 1_000).unref();
      const late = new CodedError('parser-unavailable', 'the thread that reads CDRs did not start');
      const timer = setTimeout(() => ready.reject(late), START_MS);
      await ready.promise.finally(() => clearTimeout(timer));
    },
    read: async (post) => {
      if (isStopped || thread === undefined || heldBytes > HELD_BYTES)
        throw unavailable('parser-unavailable', undefined);
      return wait(post);
    },
    stop: async () => {
      isStopped = true;
      clearInterval(watch);
      clearTimeout(restart);
      await thread?.terminate();
    },
  };
}

/** How many go together: a large one goes alone, so that it holds up nobody in its batch. */
function countOf(waiting: readonly Waiting[]): number {
  let bytes = 0;
  let count = 0;
  for (const { post } of waiting.slice(0, TOGETHER)) {
    bytes += post.body.length;
    if (count > 0 && bytes > TOGETHER_BYTES) break;
    count += 1;
  }
  return count;
}

function giveUp({ timer, reject }: Waiting): void {
  clearTimeout(timer);
  reject(unavailable('parser-unavailable', undefined));
}

/** Bodies are parts of what sockets read: their copies are handed over in one piece. */
function toBatch(batch: number, waiting: readonly Waiting[]): PostBatch {
  let end = 0;
  const posts = waiting.map(({ post: { body, url, node, receivedUs } }) => {
    const from = end;
    end += body.length;
    return { url, node, receivedUs, from, to: end };
  });
  return { batch, posts, bodies: inOnePiece(waiting.map(({ post }) => post.body)) };
}

function toOutgoing(post: PostedCdr, read: ParsedPost, json: ArrayBuffer): Outgoing {
  if ('reason' in read) return rejected(post, read.reason, read.detail);
  const { key, node, from, to } = read;
  const value = new JsonBytes(Buffer.from(json, from, to - from));
  return { topic: TOPICS.cdrs, record: { key, value }, reason: undefined, uuid: key, node };
}
