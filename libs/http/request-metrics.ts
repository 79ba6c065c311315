import type { FastifyInstance } from 'fastify';
import { Counter, Histogram, type Registry } from 'prom-client';

/** Counts and times every request by route and status (never by URL: series stay bounded). */
export function countRequests(app: FastifyInstance, metrics: Registry): void {
  const seconds = new Histogram({
    name: 'switchfleet_http_request_duration_seconds',
    help: 'Time from request to answer',
    labelNames: ['route', 'method'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [metrics],
  });
  const requests = new Counter({
    name: 'switchfleet_http_requests_total',
    help: 'Requests answered',
    labelNames: ['route', 'method', 'status'],
    registers: [metrics],
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    seconds.observe({ route, method: request.method }, reply.elapsedTime / 1000);
    requests.inc({ route, method: request.method, status: String(reply.statusCode) });
  });
}
