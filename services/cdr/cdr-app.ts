import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PublishingBus } from '../../libs/bus/bus.ts';
import type { Clock } from '../../libs/clock/clock.ts';
import type { Config } from '../../libs/config/config.ts';
import { DEFAULT_KEPT_VARIABLES, keptVariables } from '../../libs/freeswitch/cdr/kept-variables.ts';
import { toOutgoing } from '../../libs/freeswitch/cdr/posted-cdr.ts';
import { type App, createApp, figuresOf } from '../../libs/http/app.ts';
import { JSON_TYPE } from '../../libs/http/content-type.ts';
import { answerDirectly, type DirectBytesAnswer } from '../../libs/http/direct-path.ts';
import { HttpError } from '../../libs/http/problem.ts';
import type { Health } from '../../libs/lifecycle/stoppable.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import type { Registry } from '../../libs/telemetry/metrics.ts';
import { readBody } from './body.ts';
import { createCdrMetrics } from './cdr-metrics.ts';
import type { CheckCredentials } from './credential.ts';
import { createGate, type GateLimits } from './gate.ts';
import { createIntake, type ReadPost, UNTOLD_BYTES, type Visit } from './intake.ts';

export interface CdrAppDependencies {
  config: Pick<Config, 'CDR_BODY_LIMIT' | 'CDR_VARIABLES'>;
  clock: Clock;
  logger: Logger;
  metrics: Registry;
  bus: PublishingBus;
  check: CheckCredentials;
  health: () => Health;
  /** whether the bus is known to be away; unknown by default */
  isBusAway?: () => boolean;
  limits?: GateLimits;
  /** reads posts elsewhere; here by default */
  read?: ReadPost;
}

const LIMITS: GateLimits = { posts: 4_000, bytes: 64 * 1024 * 1024 };
const PATHS = ['/cdr', '/json-cdr'];

/**
 * The HTTP side of the cdr service: POST /cdr and /json-cdr, and whatever begins so, since FreeSWITCH appends
 * `&uuid=` to paths. 200 means durable.
 */
export function createCdrApp(dependencies: CdrAppDependencies): App {
  const { config, clock, logger, bus, check } = dependencies;
  const keepVariable = keptVariables(config.CDR_VARIABLES ?? DEFAULT_KEPT_VARIABLES);
  const gate = createGate(dependencies.limits ?? LIMITS);
  const intake = createIntake({
    bus,
    check,
    gate,
    metrics: createCdrMetrics(dependencies.metrics, gate),
    read: dependencies.read ?? ((post) => toOutgoing(post, keepVariable)),
    bodyLimit: config.CDR_BODY_LIMIT,
    isBusAway: dependencies.isBusAway ?? (() => false),
  });
  const visits = new WeakMap<FastifyRequest, TypedVisit>();
  const app = createApp({
    ...dependencies,
    logger,
    bodyLimit: config.CDR_BODY_LIMIT,
    // A logger for each request costs more than its routing, and nothing is logged of a good one.
    server: { childLoggerFactory: () => logger },
  });

  async function letIn(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const visit = intake.letIn(request.headers);
    const { 'content-type': contentType } = request.headers;
    visits.set(request, { visit, contentType });
    // The body says what it is: Fastify would refuse a Content-Type that is none.
    delete request.headers['content-type'];
    reply.raw.once('close', () => intake.depart(visit));
  }

  /** Undefined for what was not let in, since it is for no path of ours: nobody keeps that. */
  async function bodyOf(request: FastifyRequest, payload: Readable): Promise<Buffer | undefined> {
    const visit = visits.get(request)?.visit;
    if (visit === undefined) return undefined;
    const told = request.headers['content-length'];
    const limit = config.CDR_BODY_LIMIT;
    if (Number(told) > limit) throw tooLarge();
    const room = told === undefined ? UNTOLD_BYTES : Number(told);
    const grow = (bytes: number, total: number) => intake.grow(visit, bytes, total);
    return readBody(payload, { room, limit, grow, tooLarge });
  }

  async function accept(request: FastifyRequest) {
    const typed = visits.get(request);
    if (typed === undefined) throw new HttpError(401, 'not-authorised', 'wrong or missing credentials');
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const { visit, contentType } = typed;
    return intake.accept(
      visit,
      new ReceivedPost(request.raw, body, { contentType, receivedUs: clock.nowUs() }),
    );
  }

  /** A post with good credentials, for which there is room: all that FreeSWITCH sends while all is well. */
  function take(request: IncomingMessage): DirectBytesAnswer | undefined {
    const count = request.method === 'POST' ? counterOf(request.url ?? '') : undefined;
    const poster = count && intake.posterOf(request.headers);
    if (count === undefined || typeof poster !== 'object') return undefined;
    const visit = intake.enter(poster, request.headers);
    if (typeof visit === 'string') return undefined;
    request.once('close', () => intake.depart(visit));
    const { 'content-type': contentType } = request.headers;
    const answerBytes = async (body: Buffer) => {
      const post = new ReceivedPost(request, body, { contentType, receivedUs: clock.nowUs() });
      return JSON.stringify(await intake.accept(visit, post));
    };
    return { count, contentType: JSON_TYPE, answerBytes };
  }

  const counters = PATHS.map((path) => ({ path, count: figuresOf(app).counterOf(`${path}*`, 'POST') }));
  const counterOf = (url: string) => counters.find(({ path }) => url.startsWith(path))?.count;

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request: FastifyRequest, payload: Readable) => bodyOf(request, payload));
  for (const path of PATHS) app.post(`${path}*`, { onRequest: letIn }, accept);
  answerDirectly(app, { take, bodyLimit: config.CDR_BODY_LIMIT, anyType: true });
  return app;
}

const tooLarge = () => new HttpError(413, 'body-too-large', 'the body of a CDR is too large');

/** A visit, and what its post was said to be: rejects keep that. */
interface TypedVisit {
  visit: Visit;
  contentType: string | undefined;
}

interface Received {
  contentType: string | undefined;
  receivedUs: number;
}

/**
 * A post as it came. Its class has the getter, and not each post its own: V8 keeps one of an object literal among its old objects,
 * and with it the whole request, until the next collection of those.
 */
class ReceivedPost {
  readonly body: Buffer;
  readonly url: string;
  readonly contentType: string | undefined;
  readonly receivedUs: number;
  readonly #socket: Socket;

  constructor({ url = '', socket }: IncomingMessage, body: Buffer, { contentType, receivedUs }: Received) {
    this.body = body;
    this.url = url;
    this.contentType = contentType;
    this.receivedUs = receivedUs;
    this.#socket = socket;
  }

  /** Asked for by rejects only, and a system call. */
  get sourceIp(): string {
    return this.#socket.remoteAddress ?? '';
  }
}
