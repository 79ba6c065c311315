import type { FastifyReply, FastifyRequest } from 'fastify';
import { Counter, Gauge, type Registry } from 'prom-client';
import { type App, createApp } from '../../libs/http/app.ts';
import { requireBasic, sameSecret } from '../../libs/http/credentials.ts';
import { HttpError } from '../../libs/http/problem.ts';
import type { Health } from '../../libs/lifecycle/stoppable.ts';
import { decideDid } from '../../libs/routing/decide-did.ts';
import type { RoutingModel } from '../../libs/routing/routing-model.ts';
import type { FeedState } from '../../libs/snapshot/held-snapshot.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import { readQuestion } from './question.ts';

export interface RoutingAppOptions {
  credentials: { username: string; password: string | undefined };
  snapshot: { readonly model: RoutingModel; state(): FeedState };
  health: () => Health;
  logger: Logger;
  metrics: Registry;
}

/** The lookups that Kamailio makes, without listening. Every answer is one line of JSON: http_client reads no further. */
export function createRoutingApp(options: RoutingAppOptions): App {
  const { snapshot, health, logger, metrics } = options;
  const app = createApp({ logger, metrics, health, bodyLimit: 64 * 1024 });
  const answers = createFigures(metrics, snapshot);
  const { username, password } = options.credentials;
  const isKamailio = requireBasic(
    (given) =>
      [sameSecret(given.username, username), sameSecret(given.password, password ?? '')].every(Boolean) &&
      password !== undefined,
  );

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.route<{ Params: { number: string } }>({
    method: ['GET', 'POST'],
    url: '/routing/did/:number',
    onRequest: isKamailio,
    handler: (request, reply) => answerDid(request, reply),
  });
  return app;

  function answerDid(request: FastifyRequest<{ Params: { number: string } }>, reply: FastifyReply) {
    const { isLoaded } = snapshot.state();
    if (!isLoaded) {
      throw new HttpError(503, 'not-warmed-up', 'nothing is loaded yet', { retryAfter: 1 });
    }
    const question = { number: request.params.number, domain: readQuestion(request).get('domain') };
    const answer = decideDid(snapshot.model, question);
    answers.inc({ result: answer.result });
    return reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(answer));
  }
}

function createFigures(metrics: Registry, snapshot: RoutingAppOptions['snapshot']): Counter<'result'> {
  new Gauge({
    name: 'switchfleet_routing_dids',
    help: 'DIDs in memory',
    registers: [metrics],
    collect() {
      this.set(snapshot.model.didCount);
    },
  });
  return new Counter({
    name: 'switchfleet_routing_answers_total',
    help: 'Lookups by result',
    labelNames: ['result'],
    registers: [metrics],
  });
}
