import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { App } from './app.ts';
import { FORM_TYPE } from './content-type.ts';
import { problemAnswer } from './problem.ts';
import type { CountAnswer } from './request-metrics.ts';

/** A request that is answered without Fastify. */
export interface DirectAnswer {
  count: CountAnswer;
  contentType: string;
  /** The text of a 200. @throws HttpError, which is answered as Fastify's error handler would */
  answer(body: string): string | Promise<string>;
}

/** As `DirectAnswer`, of the body as it came. */
export interface DirectBytesAnswer extends Omit<DirectAnswer, 'answer'> {
  answerBytes(body: Buffer): Promise<string>;
}

export interface DirectPathOptions {
  /** Looks at the head of a request; undefined leaves all of it to Fastify. */
  take: (request: IncomingMessage) => DirectAnswer | DirectBytesAnswer | undefined;
  /** largest body in bytes */
  bodyLimit: number;
  /** bodies of any content type are taken; forms only by default */
  anyType?: boolean;
}

const NO_BODY = Buffer.alloc(0);

/**
 * Answers the usual form of an app's most frequent requests on Node's HTTP server itself. Fastify's way from the socket to
 * a handler and back (router, content-type parser, hooks, reply) costs as much CPU time as a lookup in memory, so the few
 * routes that every call passes go around it. What is unusual in any way goes through Fastify: other methods, encodings and
 * content types, a body that is too long or tells no length, a missing Host, credentials that are not good, an app that is
 * closing. The routes exist there, too, with the same answers; time limits are those of the server, which both share.
 *
 * Answers are written together, when all requests that one turn of the event loop read have been looked at. Written one by
 * one, each wakes a client that went to sleep since the last, which costs the kernel more than the answer costs us:
 * measured on two cores with 32 connections, a third of the CPU time of a lookup.
 */
export function answerDirectly(app: App, { take, bodyLimit, anyType = false }: DirectPathOptions): void {
  const [fastify] = app.server.listeners('request') as RequestListener[];
  if (fastify === undefined) throw new TypeError('the app has no request listener');
  let isClosing = false;
  const outbox = createOutbox(() => isClosing);
  app.addHook('preClose', async () => {
    isClosing = true;
  });
  app.server.removeListener('request', fastify);
  app.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const startedAt = performance.now();
    const length = isClosing ? undefined : bodyLength(request, { bodyLimit, anyType });
    const taken = length === undefined ? undefined : takeOrLeave(take, request);
    if (taken === undefined) return fastify.call(app.server, request, response);
    const exchange = { app, outbox, request, response, taken, startedAt };
    if (length === 0) answer(exchange, NO_BODY);
    else readBody(request, (body) => answer(exchange, body));
  });
}

type Taken = ReturnType<DirectPathOptions['take']>;

/** Whoever breaks on a request breaks on it in Fastify, too, which logs and answers that. */
function takeOrLeave(take: DirectPathOptions['take'], request: IncomingMessage): Taken {
  try {
    return take(request);
  } catch {
    return undefined;
  }
}

interface Exchange {
  app: App;
  outbox: Outbox;
  request: IncomingMessage;
  response: ServerResponse;
  taken: DirectAnswer | DirectBytesAnswer;
  startedAt: number;
}

/** Bytes of the body that will come; undefined: Fastify should look at it. */
function bodyLength(
  { method, headers }: IncomingMessage,
  { bodyLimit, anyType }: { bodyLimit: number; anyType: boolean },
): number | undefined {
  const { 'content-length': told } = headers;
  if (headers['transfer-encoding'] !== undefined || headers.host === undefined) return undefined;
  if (method === 'GET') return told === undefined ? 0 : undefined;
  if (method !== 'POST' || told === undefined) return undefined;
  if (!anyType && headers['content-type'] !== FORM_TYPE) return undefined;
  // Node's parser lets only digits come here, and exactly so many bytes of a body.
  const length = Number(told);
  return length > 0 && length <= bodyLimit ? length : undefined;
}

/** A client that goes away before the end of its body is never answered, and nothing is left of it. */
function readBody(request: IncomingMessage, done: (body: Buffer) => void): void {
  let first: Buffer | undefined;
  let more: Buffer[] | undefined;
  request.on('data', (chunk: Buffer) => {
    if (first === undefined) first = chunk;
    else if (more === undefined) more = [first, chunk];
    else more.push(chunk);
  });
  request.on('end', () => done((more === undefined ? first : Buffer.concat(more)) ?? NO_BODY));
}

function answer(exchange: Exchange, body: Buffer): void {
  let text: string | Promise<string>;
  try {
    const { taken } = exchange;
    text = 'answerBytes' in taken ? taken.answerBytes(body) : taken.answer(body.toString());
  } catch (error) {
    sendProblem(exchange, error);
    return;
  }
  if (typeof text === 'string') {
    sendText(exchange, text);
    return;
  }
  text.then(
    (later) => sendText(exchange, later),
    (error: unknown) => sendProblem(exchange, error),
  );
}

function sendText({ outbox, response, taken, startedAt }: Exchange, body: string): void {
  // As pairs in one list Node writes them as they are, without keeping an object of headers for the answer.
  const headers = ['content-type', taken.contentType, 'content-length', String(Buffer.byteLength(body))];
  outbox.put({ response, count: taken.count, startedAt, status: 200, headers, body });
}

function sendProblem({ app, outbox, request, response, taken, startedAt }: Exchange, error: unknown): void {
  const { status, headers, body } = problemAnswer(error, { app, url: request.url });
  const length = ['content-length', String(Buffer.byteLength(body))];
  const pairs = [...Object.entries(headers).flat(), ...length];
  outbox.put({ response, count: taken.count, startedAt, status, headers: pairs, body });
}

/** An answer that is ready. */
interface Letter {
  response: ServerResponse;
  count: CountAnswer;
  startedAt: number;
  status: number;
  /** names and values in turn */
  headers: string[];
  body: string;
}

/** An answer waits for so many others at the most: who asked first shall not wait for everybody's. */
const TOGETHER = 64;

/** Answers that wait for the end of this turn of the event loop. */
interface Outbox {
  put(letter: Letter): void;
}

function createOutbox(isClosing: () => boolean): Outbox {
  let waiting: Letter[] = [];
  const send = () => {
    const letters = waiting;
    waiting = [];
    for (const { response, count, startedAt, status, headers, body } of letters) {
      // Nobody shall ask again on a connection that the closing waits for.
      if (isClosing()) headers.push('connection', 'close');
      response.writeHead(status, headers).end(body);
      count(status, (performance.now() - startedAt) / 1000);
    }
  };
  return {
    put: (letter) => {
      const count = waiting.push(letter);
      if (count === 1) setImmediate(send);
      if (count === TOGETHER) send();
    },
  };
}
