import type { FastifyReply, FastifyRequest } from 'fastify';
import { Counter, Gauge, type Registry } from 'prom-client';
import { Type } from 'typebox';
import { HttpError } from '../../../libs/http/problem.ts';
import type { Pool } from '../../../libs/postgres/database.ts';
import { listNodesNow, listUpCalls } from '../../../libs/store/live.sql.ts';
import { accessOf } from '../access/access.ts';
import type { Gate } from '../access/gate.ts';
import { type Leave, Places } from '../access/places.ts';
import type { ApiRoutes } from '../api-routes.ts';
import type { LiveHub } from './live-hub.ts';
import { type EndReason, LiveStream } from './live-stream.ts';

export interface LiveOptions {
  /** undefined: this api has no bus */
  hub: LiveHub | undefined;
  /** the primary: a replica may not know yet what was told already */
  pool: Pool;
  gate: Gate;
  metrics: Registry;
  /** between two signs of life, milliseconds */
  keepAliveMs?: number;
}

const KEEP_ALIVE_MS = 15_000;
const MOST_STREAMS = { most: 500, mostOfTenant: 100 };
const MOST_CALLS = 5_000;

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
};

interface Opening {
  request: FastifyRequest;
  reply: FastifyReply;
  /** its place */
  leave: Leave;
}

/** `GET /v1/live`: what happens, as Server-Sent Events. */
export function addLiveRoutes(app: ApiRoutes, options: LiveOptions): void {
  const { hub, gate, keepAliveMs = KEEP_ALIVE_MS } = options;
  const streams = new Set<LiveStream>();
  const places = new Places(MOST_STREAMS);
  const ended = showStreams(streams, hub, options.metrics);
  const beat = setInterval(() => {
    for (const stream of streams) void stream.keepAlive();
  }, keepAliveMs);
  beat.unref();
  app.addHook('preClose', async () => {
    clearInterval(beat);
    for (const stream of streams) stream.end('stopping');
  });

  app.get(
    '/v1/live',
    {
      config: { access: { role: 'analyst', tenant: 'own' } },
      schema: {
        summary:
          'What happens now: calls that begin, are answered and end; for the whole fleet also its servers',
        description:
          'Server-Sent Events. The first is `resumed` (all since Last-Event-ID follows) or `snapshot` (how it is now, and why nothing is resumed); then call-started, call-answered, call-ended, node-state and node-load. `alive` comes every 15 s: where it does not, the connection is dead. `closed` says why the stream ends.',
        tag: 'live',
        headers: Type.Object({ 'last-event-id': Type.Optional(Type.String({ maxLength: 64 })) }),
        response: {
          200: { description: 'Events', content: { 'text/event-stream': { schema: Type.String() } } },
        },
      },
    },
    async (request, reply) => {
      if (hub === undefined)
        throw new HttpError(503, 'live-unavailable', 'this api hears of nothing: it has no bus');
      if (request.method === 'HEAD') return reply.headers(HEADERS).send('');
      const leave = places.enter(accessOf(request).tenant);
      if (leave === undefined) {
        throw new HttpError(503, 'live-busy', 'as many streams as may be are open already', {
          retryAfter: 10,
        });
      }
      await openStream(hub, { request, reply, leave });
      return reply;
    },
  );

  async function openStream(live: LiveHub, { request, reply, leave }: Opening): Promise<void> {
    const { tenant } = accessOf(request);
    reply.hijack();
    const response = reply.raw;
    // who went while its token was looked up is told of nothing, and would never be known to be gone
    if (response.closed) return leave();
    response.writeHead(200, HEADERS);
    const stream: LiveStream = new LiveStream({
      hub: live,
      response,
      tenant,
      mayGoOn: () => gate.mayGoOn(request),
      onEnd: (reason) => {
        streams.delete(stream);
        leave();
        ended(reason);
      },
    });
    streams.add(stream);
    // heard from here on: what the snapshot does not have yet comes after it
    const { sequence } = live;
    const lastId = String(request.headers['last-event-id'] ?? '');
    const missed = lastId === '' ? 'no-id' : stream.missedSince(lastId);
    if (typeof missed !== 'string')
      return stream.begin({ name: 'resumed', data: { events: missed.length }, id: lastId, sequence }, missed);
    try {
      const snapshot = await readSnapshot(options.pool, tenant);
      stream.begin(
        { name: 'snapshot', data: { reason: missed, ...snapshot }, id: live.idOf(sequence), sequence },
        [],
      );
    } catch (error) {
      request.log.warn({ err: error }, 'no snapshot for a live stream');
      stream.end('failed');
    }
  }
}

/** How it is now, as far as a tenant may see it. */
async function readSnapshot(pool: Pool, tenant: string | undefined) {
  const found = await listUpCalls(pool, { tenant, limit: MOST_CALLS + 1 });
  const nodes = tenant === undefined ? await listNodesNow(pool) : [];
  return { calls: found.slice(0, MOST_CALLS), calls_complete: found.length <= MOST_CALLS, nodes };
}

/** Metrics of all streams. @returns a function that counts an end */
function showStreams(streams: ReadonlySet<LiveStream>, hub: LiveHub | undefined, metrics: Registry) {
  const registers = [metrics];
  new Gauge({
    name: 'switchfleet_api_live_streams',
    help: 'Clients of the live stream',
    registers,
    collect() {
      this.set(streams.size);
    },
  });
  new Gauge({
    name: 'switchfleet_api_live_unreadable_records',
    help: 'Records of the live topics that were none of ours, since the start',
    registers,
    collect() {
      this.set(hub?.unreadable ?? 0);
    },
  });
  const ends = new Counter({
    name: 'switchfleet_api_live_ended_total',
    help: 'Live streams that ended, by reason: slow ones were cut off',
    labelNames: ['reason'],
    registers,
  });
  return (reason: EndReason) => ends.inc({ reason });
}
