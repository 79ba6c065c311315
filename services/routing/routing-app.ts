import type { FastifyReply, FastifyRequest } from 'fastify';
import { type App, createApp } from '../../libs/http/app.ts';
import { HttpError } from '../../libs/http/problem.ts';
import { sharedLogger } from '../../libs/http/shared-logger.ts';
import type { Health } from '../../libs/lifecycle/stoppable.ts';
import type { FeedState } from '../../libs/snapshot/held-snapshot.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import type { Registry } from '../../libs/telemetry/metrics.ts';
import type { Admission } from './admission.ts';
import { parseParameters, type Question, readQuestion } from './question.ts';
import type { Answer, Router } from './router.ts';
import type { RoutingMetrics } from './routing-metrics.ts';

export interface RoutingAppOptions {
  isKamailio: (request: FastifyRequest) => boolean;
  router: Router;
  snapshot: { state(): FeedState };
  admission: Admission;
  figures: RoutingMetrics;
  health: () => Health;
  logger: Logger;
  metrics: Registry;
}

type LookupRequest = FastifyRequest<{ Params: { number: string } }>;

const METHODS = ['GET', 'POST'] as ['GET', 'POST'];
const JSON_TYPE = 'application/json; charset=utf-8';
const BODY_LIMIT = 64 * 1024;

/** The lookups that Kamailio makes, without listening. Every answer is one line of JSON: http_client reads no further. */
export function createRoutingApp(options: RoutingAppOptions): App {
  const { router, snapshot, admission, figures, health, logger, metrics } = options;
  // What was loaded once stays: an old snapshot still answers.
  let isLoaded = false;
  const app = createApp({
    logger: sharedLogger(logger),
    metrics,
    health,
    bodyLimit: BODY_LIMIT,
    server: { routerOptions: { querystringParser: parseParameters } },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));

  route('did', '/routing/did/:number', (question, number) => router.did(number, question));
  route('trunk', '/routing/trunk/:number', (question, number) => router.trunk(number, question));
  route('node', '/routing/node', (question) => router.node(question));
  route('call', '/kamailio/route', (question) => router.call(question));
  route('explain', '/routing/explain', (question) => router.explain(question));
  return app;

  function route(lookup: string, url: string, decide: (question: Question, number: string) => Answer): void {
    const count = figures.counterOf(lookup);
    app.route({
      method: METHODS,
      url,
      onRequest: (request, _reply, done) => {
        if (options.isKamailio(request)) return done();
        done(new HttpError(401, 'not-authorised', 'wrong or missing credentials'));
      },
      handler: (request, reply) => {
        refuseIfUnable();
        const turn = admission.turn();
        const give = () => {
          const answer = decide(readQuestion(request), (request as LookupRequest).params.number);
          count(answer.result);
          return send(reply, answer);
        };
        return turn === undefined ? give() : turn.then(give);
      },
    });
  }

  function refuseIfUnable(): void {
    isLoaded ||= snapshot.state().isLoaded;
    const reason = isLoaded ? admission.refusal() : 'not-warmed-up';
    if (reason === undefined) return;
    figures.refused.inc({ reason });
    throw new HttpError(503, reason, 'cannot answer now; ask another instance', { retryAfter: 1 });
  }

  function send(reply: FastifyReply, answer: Answer): FastifyReply {
    if (answer.degraded) figures.degraded.inc();
    return reply.header('content-type', JSON_TYPE).send(JSON.stringify(answer));
  }
}
