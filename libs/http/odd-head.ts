import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { HttpError, problemAnswer } from './problem.ts';
import type { RequestFigures } from './request-metrics.ts';

/**
 * Answers heads that Node's HTTP server would refuse without a word: an expectation other than `100-continue` (417), and
 * HTTP/1.1 without a Host (400, RFC 9112 3.2), for which the server's own `requireHostHeader` must be off.
 */
export function answerOddHeads(app: FastifyInstance, figures: RequestFigures): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { httpVersion, headers } = request.raw;
    if (headers.host !== undefined || httpVersion !== '1.1') return done();
    // who leaves it out may mean another server
    reply.header('connection', 'close');
    done(new HttpError(400, 'host-missing', 'the request names no Host'));
  });
  app.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    const refusal = new HttpError(417, 'expectation-failed', 'only 100-continue may be expected');
    const { status, headers, body } = problemAnswer(refusal, { app, url: request.url });
    // nobody knows whether the body comes
    const framing = { 'content-length': Buffer.byteLength(body), connection: 'close' };
    response.writeHead(status, { ...headers, ...framing }).end(body);
    figures.countUnread(status);
  });
}
