import { STATUS_CODES } from 'node:http';
import type {
  FastifyError,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifySchemaValidationError,
} from 'fastify';
import { CodedError } from '../errors/coded-error.ts';
import { type ErrorLog, RefusalLog } from './refusal-log.ts';

/** An error with an HTTP status: what a client did, or why we cannot answer now. */
export class HttpError extends CodedError {
  readonly statusCode: number;
  /** seconds, for the Retry-After header of a 503 or 429 */
  readonly retryAfter: number | undefined;
  readonly errors: FieldError[] | undefined;

  constructor(statusCode: number, code: string, message: string, options: HttpErrorOptions = {}) {
    super(code, message, options);
    this.name = 'HttpError';
    this.statusCode = statusCode;
    this.retryAfter = options.retryAfter;
    this.errors = options.errors;
  }
}

export interface HttpErrorOptions {
  cause?: unknown;
  details?: Record<string, unknown>;
  retryAfter?: number;
  errors?: FieldError[];
}

/** One thing that is wrong with a request, in the words of the field. */
export interface FieldError {
  /** `body.max_channels`, `query.limit`, … */
  field: string;
  reason: string;
}

/** RFC 9457 problem details with our `code`, which never changes; `title` and `detail` are for people. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  /** each field that is wrong */
  errors?: FieldError[];
  /** what a program needs beside that; its shape belongs to the code */
  details?: Readonly<Record<string, unknown>>;
}

/** Fastify adds the charset where there is none; so it is the same whoever answers. */
const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** A client can act on that many. */
const MAX_FIELD_ERRORS = 20;

/** Renders any error as a problem: what the client did is told, what broke inside is logged and not told. */
export function toProblem(error: unknown): Problem {
  if (error instanceof HttpError) {
    const { statusCode, code, message, details, errors } = error;
    return problem(statusCode, code, message, { ...(errors && { errors }), ...(details && { details }) });
  }
  const { statusCode, code, message, validation, validationContext } = error as Partial<FastifyError>;
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    const errors = validation
      ?.slice(0, MAX_FIELD_ERRORS)
      .map((wrong) => toFieldError(wrong, validationContext));
    return problem(
      statusCode,
      fastifyCode(code),
      message ?? 'bad request',
      errors === undefined ? {} : { errors },
    );
  }
  return problem(500, 'internal-error', 'something went wrong here; the log has the details');
}

function problem(
  status: number,
  code: string,
  detail: string,
  more: Pick<Problem, 'errors' | 'details'> = {},
): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, code, detail, ...more };
}

function toFieldError(
  { instancePath, params, message }: FastifySchemaValidationError,
  context: string | undefined,
): FieldError {
  const named = params['missingProperty'] ?? params['additionalProperty'];
  const path = [context === 'querystring' ? 'query' : context, ...instancePath.split('/').slice(1), named];
  const allowed = Array.isArray(params['allowedValues']) ? `: ${params['allowedValues'].join(', ')}` : '';
  return {
    field: path.filter((part) => part !== undefined).join('.'),
    reason: `${message ?? 'is wrong'}${allowed}`,
  };
}

/** `FST_ERR_CTP_BODY_TOO_LARGE` → `body-too-large`. */
function fastifyCode(code: string | undefined): string {
  return (code ?? 'bad-request')
    .replace(/^FST_ERR_(CTP_)?/, '')
    .toLowerCase()
    .replaceAll('_', '-');
}

/** What an error is answered: the same whoever writes it to the client. */
export interface ProblemAnswer {
  status: number;
  headers: Record<string, string>;
  /** As text: the answer's own schema, made for what a route gives, must not be asked how a problem looks. */
  body: string;
}

/** Renders an error for a client, and logs what broke here. */
export function problemAnswer(error: unknown, { app, url = '', log = app.log }: ProblemPlace): ProblemAnswer {
  const body = toProblem(error);
  if (body.status >= 500) {
    if (error instanceof HttpError) refusalsOf(app).write(log, error, url);
    else log.error({ err: error, url }, body.code);
  }
  const headers: Record<string, string> = {};
  if (error instanceof HttpError && error.retryAfter !== undefined)
    headers['retry-after'] = String(error.retryAfter);
  if (body.status === 401) headers['www-authenticate'] = 'Basic realm="switchfleet"';
  headers['content-type'] = PROBLEM_TYPE;
  return { status: body.status, headers, body: JSON.stringify(body) };
}

/** Where something went wrong, and where that is written down. */
interface ProblemPlace {
  app: FastifyInstance;
  /** of the request; none where there never was one */
  url?: string | undefined;
  /** the app's own by default */
  log?: ErrorLog;
}

const REFUSALS = 'refusalLog';

/** Gives an app its memory of refusals, which `answerError` needs. */
export function rememberRefusals(app: FastifyInstance): void {
  app.decorate(REFUSALS, new RefusalLog());
}

function refusalsOf(app: FastifyInstance): RefusalLog {
  return app.getDecorator<RefusalLog>(REFUSALS);
}

/** Fastify's error handler of every service. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { url, log, server: app } = request;
  const { status, headers, body } = problemAnswer(error, { app, url, log });
  return reply.code(status).headers(headers).send(body);
}

/** A path that we do not have. */
export function answerNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split('?')[0];
  const body = problem(404, 'no-such-path', `there is no ${request.method} ${path}`);
  return reply.code(404).header('content-type', PROBLEM_TYPE).send(JSON.stringify(body));
}
