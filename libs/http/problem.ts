import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { CodedError } from '../errors/coded-error.ts';

/** An error with an HTTP status: what a client did, or why we cannot answer now. */
export class HttpError extends CodedError {
  readonly statusCode: number;
  /** seconds, for the Retry-After header of a 503 or 429 */
  readonly retryAfter: number | undefined;

  constructor(
    statusCode: number,
    code: string,
    message: string,
    options: { cause?: unknown; details?: Record<string, unknown>; retryAfter?: number } = {},
  ) {
    super(code, message, options);
    this.name = 'HttpError';
    this.statusCode = statusCode;
    this.retryAfter = options.retryAfter;
  }
}

/** RFC 9457 problem details with our `code`. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail?: unknown;
}

/** Renders any error as a problem: what the client did is told, what broke inside is logged and not told. */
export function toProblem(error: unknown): Problem {
  if (error instanceof HttpError) {
    return problem(error.statusCode, error.code, error.message, error.details);
  }
  const { statusCode, code, message } = error as Partial<FastifyError>;
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return problem(statusCode, fastifyCode(code), message ?? 'bad request');
  }
  return problem(500, 'internal-error', 'something went wrong here; the log has the details');
}

function problem(status: number, code: string, title: string, detail?: unknown): Problem {
  return { type: 'about:blank', title, status, code, ...(detail === undefined ? {} : { detail }) };
}

/** `FST_ERR_CTP_BODY_TOO_LARGE` → `body-too-large`. */
function fastifyCode(code: string | undefined): string {
  return (code ?? 'bad-request')
    .replace(/^FST_ERR_(CTP_)?/, '')
    .toLowerCase()
    .replaceAll('_', '-');
}

/** Fastify's error handler of every service. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const body = toProblem(error);
  if (body.status >= 500) request.log.error({ err: error, url: request.url }, body.code);
  if (error instanceof HttpError && error.retryAfter !== undefined)
    reply.header('retry-after', error.retryAfter);
  if (body.status === 401) reply.header('www-authenticate', 'Basic realm="switchfleet"');
  return reply.code(body.status).header('content-type', 'application/problem+json').send(body);
}

/** A path that we do not have. */
export function answerNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply
    .code(404)
    .header('content-type', 'application/problem+json')
    .send(problem(404, 'no-such-path', `there is no ${request.method} ${request.url.split('?')[0]}`));
}
