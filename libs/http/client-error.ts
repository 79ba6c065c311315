import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { HttpError, problemAnswer } from './problem.ts';
import type { RequestFigures } from './request-metrics.ts';

/** What Node says of a request that it cannot read to its end. */
interface ClientError extends Error {
  code?: string;
}

/** Node keeps the response that is being written at its socket, and looks there itself before it answers an error. */
interface HttpSocket extends Socket {
  _httpMessage?: ServerResponse<IncomingMessage> | null;
}

const TIMEOUT = 'ERR_HTTP_REQUEST_TIMEOUT';

/** The parser's errors that have a status of their own, by Node's codes. */
const REFUSALS: Readonly<Record<string, () => HttpError>> = {
  [TIMEOUT]: () => new HttpError(408, 'request-timeout', 'the request did not come to its end in time'),
  HPE_HEADER_OVERFLOW: () => new HttpError(431, 'headers-too-large', 'the headers are too large'),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: () =>
    new HttpError(413, 'body-too-large', 'the extensions of a chunk are too large'),
};

/**
 * Answers what never becomes a request, or breaks off: a problem document as for every other error, counted, then the
 * connection is closed. Never throws; where the connection is gone, or its client would take the document for another answer
 * or a part of one, it is only closed.
 */
export class ClientErrors {
  readonly #figures: RequestFigures;
  /** requests that were answered before their body had come */
  readonly #answeredEarly = new WeakMap<Socket, IncomingMessage>();
  /** connections that close when an answer is sent */
  readonly #closing = new WeakSet<Socket>();

  constructor(figures: RequestFigures) {
    this.#figures = figures;
  }

  /** Remembers a request whose body has not come: to be called when its answer is sent. */
  noteAnswered(request: IncomingMessage): void {
    if (!request.complete) this.#answeredEarly.set(request.socket, request);
  }

  /** Node's `clientError`. */
  answer(app: FastifyInstance, error: ClientError, socket: HttpSocket): void {
    const { code = '' } = error;
    app.log.debug({ code, reason: error.message }, 'a request could not be read');
    const response = socket._httpMessage;
    // what else comes here is of the connection, and not of what it carried
    const isOfRequest = code === TIMEOUT || code.startsWith('HPE_');
    if (!isOfRequest || !socket.writable || response?.headersSent || this.#wasAnswered(socket)) {
      socket.destroy();
    } else if (response?.req.complete) {
      // what cannot be read came behind a request that is under way
      this.#closeAfter(response, socket);
    } else {
      const refusal = (REFUSALS[code] ?? malformed)();
      socket.write(textOf(app, refusal));
      socket.destroySoon();
      this.#figures.countUnread(refusal.statusCode);
    }
  }

  #wasAnswered(socket: Socket): boolean {
    return this.#answeredEarly.get(socket)?.complete === false;
  }

  #closeAfter(response: ServerResponse, socket: Socket): void {
    if (this.#closing.has(socket)) return;
    this.#closing.add(socket);
    response.once('finish', () => socket.destroySoon());
  }
}

const malformed = () => new HttpError(400, 'request-malformed', 'this cannot be read as an HTTP request');

/** The whole answer as it goes over the wire. */
function textOf(app: FastifyInstance, refusal: HttpError): string {
  const { status, headers, body } = problemAnswer(refusal, { app });
  const lines = Object.entries({
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
    date: new Date().toUTCString(),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}`);
  return `${[`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines].join('\r\n')}\r\n\r\n${body}`;
}
