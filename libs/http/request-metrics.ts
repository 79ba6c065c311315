import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Counter, type Registry } from 'prom-client';
import { DurationFigures } from './duration-figures.ts';

const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

type NotFoundHandler = (request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/** How often a route was answered with which status. */
interface Answered {
  route: string;
  method: string;
  byStatus: Map<number, number>;
}

/** Counts one answer of a route: its status and how long it took. */
export type CountAnswer = (status: number, seconds: number) => void;

/**
 * Every request by route and status (never by URL: series stay bounded). In plain numbers that become metrics when
 * somebody looks: the library's own counters would cost a lookup from memory a fifth of its time. Each route has its own
 * numbers at hand, for the same reason.
 */
export class RequestFigures {
  readonly #answered = new Map<string, Answered>();
  readonly #seconds = new DurationFigures({
    name: 'switchfleet_http_request_duration_seconds',
    help: 'Time from request to answer',
    labelNames: ['route', 'method'],
    buckets: BUCKETS,
  });

  constructor(metrics: Registry) {
    this.#seconds.register(metrics);
    showAnswered(this.#answered, metrics);
  }

  /** What counts the answers of a route; `route` is its pattern. */
  counterOf(route: string, method: string): CountAnswer {
    const key = `${method} ${route}`;
    const labels = [route, method];
    const { byStatus } = this.#open(route, method);
    return (status, seconds) => {
      byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
      this.#seconds.observe(key, labels, seconds);
    };
  }

  /** Counts a request that no route took. */
  countUnknown(method: string): void {
    const { byStatus } = this.#open('none', method);
    byStatus.set(404, (byStatus.get(404) ?? 0) + 1);
  }

  /** Counts an answer to what could not be read, or was not looked at, as a request. */
  countUnread(status: number): void {
    const { byStatus } = this.#open('none', 'none');
    byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
  }

  #open(route: string, method: string): Answered {
    const key = `${method} ${route}`;
    const answered = this.#answered.get(key) ?? { route, method, byStatus: new Map<number, number>() };
    this.#answered.set(key, answered);
    return answered;
  }
}

/** Counts and times every request of an app. Gives back what counts the requests that no route takes. */
export function countRequests(
  app: FastifyInstance,
  figures: RequestFigures,
): (notFound: NotFoundHandler) => NotFoundHandler {
  app.addHook('onRoute', (options) => {
    const { url } = options;
    const methods = new Map(
      [options.method].flat().map((method) => [method, figures.counterOf(url, method)]),
    );
    const count = (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
      // A HEAD route is made of a GET route and brings its hooks along.
      methods.get(request.method)?.(reply.statusCode, reply.elapsedTime / 1000);
      done();
    };
    options.onResponse = [count, ...[options.onResponse ?? []].flat()];
  });
  return (notFound) => (request, reply) => {
    figures.countUnknown(request.method);
    return notFound(request, reply);
  };
}

function showAnswered(all: ReadonlyMap<string, Answered>, metrics: Registry): void {
  new Counter({
    name: 'switchfleet_http_requests_total',
    help: 'Requests answered',
    labelNames: ['route', 'method', 'status'],
    registers: [metrics],
    collect() {
      this.reset();
      for (const { route, method, byStatus } of all.values()) {
        for (const [status, count] of byStatus) this.inc({ route, method, status: String(status) }, count);
      }
    },
  });
}
