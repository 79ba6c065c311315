import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { type App, createApp, figuresOf } from '../../libs/http/app.ts';
import { JSON_TYPE } from '../../libs/http/content-type.ts';
import { answerDirectly, type DirectAnswer } from '../../libs/http/direct-path.ts';
import { HttpError } from '../../libs/http/problem.ts';
import type { CountAnswer } from '../../libs/http/request-metrics.ts';
import { sharedLogger } from '../../libs/http/shared-logger.ts';
import type { Health } from '../../libs/lifecycle/stoppable.ts';
import type { FeedState } from '../../libs/snapshot/held-snapshot.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import type { Registry } from '../../libs/telemetry/metrics.ts';
import type { Admission } from './admission.ts';
import { readPlainUrl } from './plain-url.ts';
import { parseParameters, type Question, readQuestion } from './question.ts';
import type { Answer, Router } from './router.ts';
import type { RoutingMetrics } from './routing-metrics.ts';

export interface RoutingAppOptions {
  isKamailio: (request: IncomingMessage) => boolean;
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
const BODY_LIMIT = 64 * 1024;

/** What a lookup answers, and what counts that. */
interface Lookup {
  decide: (question: Question, number: string) => Answer;
  count: (result: Answer['result']) => void;
  /** counts a request that did not pass Fastify */
  countDirect: CountAnswer;
}

/** The lookups that Kamailio makes, without listening. Every answer is one line of JSON: http_client reads no further. */
export function createRoutingApp(options: RoutingAppOptions): App {
  const { isKamailio, router, snapshot, admission, figures, health, logger, metrics } = options;
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

  const lookups = new Map<string, Lookup>();
  route('did', '/routing/did/:number', (question, number) => router.did(number, question));
  route('trunk', '/routing/trunk/:number', (question, number) => router.trunk(number, question));
  route('node', '/routing/node', (question) => router.node(question));
  route('call', '/kamailio/route', (question) => router.call(question));
  route('explain', '/routing/explain', (question) => router.explain(question));
  answerDirectly(app, { take, bodyLimit: BODY_LIMIT });
  return app;

  /** What Kamailio asks by GET, with its credentials. */
  function take(request: IncomingMessage): DirectAnswer | undefined {
    const plain = request.method === 'GET' ? readPlainUrl(request.url ?? '') : undefined;
    const lookup = plain && lookups.get(plain.route);
    if (plain === undefined || lookup === undefined || !isKamailio(request)) return undefined;
    const { query, number } = plain;
    return {
      count: lookup.countDirect,
      contentType: JSON_TYPE,
      answer: () => answer(lookup, () => parseParameters(query), number),
    };
  }

  function route(name: string, url: string, decide: Lookup['decide']): void {
    const countDirect = figuresOf(app).counterOf(url, 'GET');
    const lookup = { decide, count: figures.counterOf(name), countDirect };
    lookups.set(url, lookup);
    app.route({
      method: METHODS,
      url,
      onRequest: (request, _reply, done) => {
        if (isKamailio(request.raw)) return done();
        done(new HttpError(401, 'not-authorised', 'wrong or missing credentials'));
      },
      handler: (request, reply) => {
        const { number } = (request as LookupRequest).params;
        const text = answer(lookup, () => readQuestion(request), number);
        reply.header('content-type', JSON_TYPE);
        return typeof text === 'string' ? reply.send(text) : text;
      },
    });
  }

  function answer({ decide, count }: Lookup, read: () => Question, number: string): string | Promise<string> {
    refuseIfUnable();
    const give = () => {
      const decided = decide(read(), number);
      count(decided.result);
      if (decided.degraded) figures.degraded.inc();
      return JSON.stringify(decided);
    };
    const turn = admission.turn();
    return turn === undefined ? give() : turn.then(give);
  }

  function refuseIfUnable(): void {
    isLoaded ||= snapshot.state().isLoaded;
    const reason = isLoaded ? admission.refusal() : 'not-warmed-up';
    if (reason === undefined) return;
    figures.refused.inc({ reason });
    throw new HttpError(503, reason, 'cannot answer now; ask another instance', { retryAfter: 1 });
  }
}
