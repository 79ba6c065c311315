import type { Server } from 'node:http';
import Fastify, {
  type FastifyHttpOptions,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Health } from '../lifecycle/stoppable.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Registry } from '../telemetry/metrics.ts';
import { ClientErrors } from './client-error.ts';
import { answerOddHeads } from './odd-head.ts';
import { answerError, answerNotFound, rememberRefusals } from './problem.ts';
import { showReadiness } from './readiness-metric.ts';
import { countRequests, RequestFigures } from './request-metrics.ts';

export type App = FastifyInstance;

export interface AppOptions {
  logger: Logger;
  metrics: Registry;
  health: () => Health;
  /** largest request body in bytes */
  bodyLimit?: number;
  /** what a path that is not there is answered; `no-such-path` by default */
  notFound?: (request: FastifyRequest, reply: FastifyReply) => FastifyReply;
  /** Fastify's own options, for what a service needs beyond ours */
  server?: FastifyHttpOptions<Server>;
}

/** Of a parameter in a path; the longest that means anything is a name of 256 characters, each written as %XX. */
const MAX_PARAM = 1_024;

/** A client that is slower than this gets no answer from an app that closes: it must not keep the process. */
const CLOSE_MS = 3_000;
/** A request has so long to come. */
const REQUEST_MS = 30_000;
/** How often requests are looked at that do not end: Node's half a minute would add as much to their time limit. */
const LATE_CHECK_MS = 5_000;
const METRICS = 'metricsRegistry';
const FIGURES = 'requestFigures';

/**
 * Makes the Fastify app of a service without listening, so that tests inject: problem details for every error,
 * `/health/live` (the process works), `/health/ready` (traffic may come), `/metrics`, time limits on slow clients, also while
 * it closes.
 * Routes are closed by default only where the service adds `requireBasic` or `requireBearer`: every service does.
 */
export function createApp(options: AppOptions): App {
  const { logger, metrics, health, bodyLimit = 1024 * 1024, notFound = answerNotFound, server } = options;
  const figures = new RequestFigures(metrics);
  const clientErrors = new ClientErrors(figures);
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    requestTimeout: REQUEST_MS,
    connectionTimeout: 60_000,
    keepAliveTimeout: 72_000,
    return503OnClosing: true,
    forceCloseConnections: 'idle',
    // a URL that the router refuses, before there is a route
    frameworkErrors: (error, request, reply) => {
      answerError(error, request as FastifyRequest, reply as FastifyReply);
    },
    routerOptions: { maxParamLength: MAX_PARAM },
    ...server,
    clientErrorHandler: (error, socket) => clientErrors.answer(app, error, socket),
    http: {
      // Node's minute would hold for bodies, too: the later of both limits does.
      headersTimeout: Math.min(REQUEST_MS, server?.requestTimeout ?? REQUEST_MS),
      connectionsCheckingInterval: LATE_CHECK_MS,
      requireHostHeader: false,
      ...server?.http,
    },
  }) as unknown as App;
  rememberRefusals(app);
  app.setErrorHandler(answerError);
  answerOddHeads(app, figures);
  app.addHook('onResponse', (request, _reply, done) => {
    clientErrors.noteAnswered(request.raw);
    done();
  });
  app.setNotFoundHandler(countRequests(app, figures)(notFound));
  showReadiness(metrics, health);
  boundClosing(app);
  app.decorate(METRICS, metrics);
  app.decorate(FIGURES, figures);
  app.get('/health/live', async () => ({ live: true }));
  app.get('/health/ready', async (_request, reply) => {
    const state = health();
    return reply.code(state.ready ? 200 : 503).send(state);
  });
  app.get('/metrics', async (_request, reply) =>
    reply.header('content-type', metrics.contentType).send(await metrics.metrics()),
  );
  return app;
}

/** What the app's figures are registered on. */
export function metricsOf(app: App): Registry {
  return app.getDecorator<Registry>(METRICS);
}

/** What counts the app's requests, for who answers some of them without Fastify. */
export function figuresOf(app: App): RequestFigures {
  return app.getDecorator<RequestFigures>(FIGURES);
}

/** Closing waits for requests under way, but not for clients that have not finished sending theirs. */
function boundClosing(app: App): void {
  let timer: NodeJS.Timeout | undefined;
  app.addHook('preClose', async () => {
    timer = setTimeout(() => app.server.closeAllConnections(), CLOSE_MS);
  });
  app.addHook('onClose', async () => clearTimeout(timer));
}
