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

/**
 * Counts and times every request by route and status (never by URL: series stay bounded). In plain numbers that become
 * metrics when somebody looks: the library's own counters would cost a lookup from memory a fifth of its time. Each route
 * has its own numbers at hand, for the same reason. Gives back what counts the requests that no route takes.
 */
export function countRequests(
  app: FastifyInstance,
  metrics: Registry,
): (notFound: NotFoundHandler) => NotFoundHandler {
  const all: Answered[] = [];
  const seconds = new DurationFigures({
    name: 'switchfleet_http_request_duration_seconds',
    help: 'Time from request to answer',
    labelNames: ['route', 'method'],
    buckets: BUCKETS,
  });
  seconds.register(metrics);
  showAnswered(all, metrics);

  function open(route: string, method: string): Answered {
    const answered = { route, method, byStatus: new Map<number, number>() };
    all.push(answered);
    return answered;
  }

  app.addHook('onRoute', (options) => {
    const { url } = options;
    const methods = new Map(
      [options.method]
        .flat()
        .map((method) => [
          method,
          { answered: open(url, method), key: `${method} ${url}`, labels: [url, method] },
        ]),
    );
    const count = (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
      // A HEAD route is made of a GET route and brings its hooks along.
      const own = methods.get(request.method);
      if (own !== undefined) {
        countStatus(own.answered, reply.statusCode);
        seconds.observe(own.key, own.labels, reply.elapsedTime / 1000);
      }
      done();
    };
    options.onResponse = [count, ...[options.onResponse ?? []].flat()];
  });

  const byMethod = new Map<string, Answered>();
  return (notFound) => (request, reply) => {
    const answered = byMethod.get(request.method) ?? open('none', request.method);
    byMethod.set(request.method, answered);
    countStatus(answered, 404);
    return notFound(request, reply);
  };
}

function countStatus({ byStatus }: Answered, status: number): void {
  byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
}

function showAnswered(all: readonly Answered[], metrics: Registry): void {
  new Counter({
    name: 'switchfleet_http_requests_total',
    help: 'Requests answered',
    labelNames: ['route', 'method', 'status'],
    registers: [metrics],
    collect() {
      this.reset();
      for (const { route, method, byStatus } of all) {
        for (const [status, count] of byStatus) this.inc({ route, method, status: String(status) }, count);
      }
    },
  });
}
