import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Bus } from '../../libs/bus/bus.ts';
import type { Clock } from '../../libs/clock/clock.ts';
import type { Config } from '../../libs/config/config.ts';
import { codeOf } from '../../libs/errors/coded-error.ts';
import { DEFAULT_KEPT_VARIABLES, keptVariables } from '../../libs/freeswitch/cdr/kept-variables.ts';
import { type Outgoing, type PostedCdr, rejected, toOutgoing } from '../../libs/freeswitch/cdr/posted-cdr.ts';
import { type App, createApp } from '../../libs/http/app.ts';
import { readBasic } from '../../libs/http/credentials.ts';
import { HttpError } from '../../libs/http/problem.ts';
import type { Health } from '../../libs/lifecycle/stoppable.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import type { Registry } from '../../libs/telemetry/metrics.ts';
import { createCdrMetrics } from './cdr-metrics.ts';
import type { CheckCredentials, Poster } from './credential.ts';
import { createGate, type GateLimits } from './gate.ts';
import { publishInTime, unavailable } from './publish.ts';

export interface CdrAppDependencies {
  config: Pick<Config, 'CDR_BODY_LIMIT' | 'CDR_VARIABLES'>;
  clock: Clock;
  logger: Logger;
  metrics: Registry;
  bus: Bus;
  check: CheckCredentials;
  health: () => Health;
  limits?: GateLimits;
}

const LIMITS: GateLimits = { posts: 4_000, bytes: 64 * 1024 * 1024 };

/** A post that was let in, between its headers and its answer. */
interface Visit {
  poster: Poster;
  leave: () => void;
  /** the bus holds the record now, and lets it out */
  handedOver: boolean;
}

/**
 * The HTTP side of the cdr service: POST /cdr and /json-cdr, and whatever begins so, since FreeSWITCH appends
 * `&uuid=` to paths. 200 means durable.
 */
export function createCdrApp(dependencies: CdrAppDependencies): App {
  const { config, clock, logger, bus, check } = dependencies;
  const keepVariable = keptVariables(config.CDR_VARIABLES ?? DEFAULT_KEPT_VARIABLES);
  const gate = createGate(dependencies.limits ?? LIMITS);
  const metrics = createCdrMetrics(dependencies.metrics, gate);
  const visits = new WeakMap<FastifyRequest, Visit>();
  const app = createApp({
    ...dependencies,
    logger,
    bodyLimit: config.CDR_BODY_LIMIT,
    // A logger for each request costs more than its routing, and nothing is logged of a good one.
    server: { childLoggerFactory: () => logger },
  });

  /** Before the body is read: who is it, and is there room for it. */
  async function letIn(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const credentials = readBasic(request);
    const poster = credentials === undefined ? 'wrong' : check(credentials);
    if (poster === 'wrong') throw new HttpError(401, 'not-authorised', 'wrong or missing credentials');
    if (poster === 'unknown') {
      metrics.posted('unavailable', 'nodes-unknown');
      throw unavailable('nodes-unknown', undefined);
    }
    const leave = gate.enter(announcedBytes(request, config.CDR_BODY_LIMIT));
    if (leave === undefined) {
      metrics.posted('overloaded', 'bound');
      throw unavailable('bus-overloaded', undefined);
    }
    const visit: Visit = { poster, leave, handedOver: false };
    visits.set(request, visit);
    reply.raw.once('close', () => {
      if (!visit.handedOver) leave();
    });
  }

  async function accept(request: FastifyRequest) {
    const visit = visits.get(request);
    if (visit === undefined) throw new HttpError(401, 'not-authorised', 'wrong or missing credentials');
    const post = toPost(request, visit.poster, clock.nowUs());
    const beganMs = performance.now();
    const outgoing = toOutgoing(post, keepVariable);
    metrics.parseSeconds(beganMs);
    const published = await publish(visit, outgoing).catch((error: unknown) => {
      if (codeOf(error) !== 'record-too-large') throw error;
      return publish(visit, rejected(post, 'cdr-too-large', 'the record is too large for the bus'));
    });
    return { durable: true, uuid: published.uuid, reject: published.reason ?? null };
  }

  async function publish(visit: Visit, outgoing: Outgoing): Promise<Outgoing> {
    visit.handedOver = true;
    const beganMs = performance.now();
    try {
      await publishInTime({ bus, outgoing, onSettled: visit.leave });
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'record-too-large') metrics.posted(outcomeOf(code), code);
      throw error;
    }
    metrics.publishSeconds(beganMs);
    metrics.durable(outgoing.node);
    metrics.posted(outgoing.reason === undefined ? 'accepted' : 'rejected', outgoing.reason ?? '');
    return outgoing;
  }

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  for (const url of ['/cdr*', '/json-cdr*']) app.post(url, { onRequest: letIn }, accept);
  return app;
}

function outcomeOf(code: string): string {
  return code === 'bus-overloaded' ? 'overloaded' : 'unavailable';
}

/** A body whose length is not told counts as the largest. */
function announcedBytes(request: FastifyRequest, limit: number): number {
  const announced = Number(request.headers['content-length'] ?? limit);
  return Number.isFinite(announced) ? Math.min(Math.max(announced, 0), limit) : limit;
}

function toPost(request: FastifyRequest, poster: Poster, receivedUs: number): PostedCdr {
  return {
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    url: request.url,
    contentType: request.headers['content-type'],
    // asked for by rejects only, and a system call
    get sourceIp() {
      return request.ip;
    },
    node: poster.node,
    receivedUs,
  };
}
