import type { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Pool } from 'pg';
import type { Registry } from 'prom-client';
import { type LookupForm, MAX_FIELDS, parseLookupForm } from '../../libs/freeswitch/xml/form.ts';
import { foldName } from '../../libs/freeswitch/xml/name.ts';
import { type App, createApp, figuresOf } from '../../libs/http/app.ts';
import { FORM_TYPE } from '../../libs/http/content-type.ts';
import { readBasic } from '../../libs/http/credentials.ts';
import { answerDirectly, type DirectAnswer } from '../../libs/http/direct-path.ts';
import { HttpError } from '../../libs/http/problem.ts';
import type { CountAnswer } from '../../libs/http/request-metrics.ts';
import { sharedLogger } from '../../libs/http/shared-logger.ts';
import type { Health } from '../../libs/lifecycle/stoppable.ts';
import type { FeedState } from '../../libs/snapshot/held-snapshot.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import { type Asker, createAccess } from './access.ts';
import { answerLookup } from './answer.ts';
import type { Answer } from './answers.ts';
import { createFigures } from './directory-figures.ts';
import { createFailureLimit } from './failure-limit.ts';
import type { LastQuestions } from './last-questions.ts';
import { createLeftOutReport } from './left-out-report.ts';
import type { DirectoryModel } from './model/directory-model.ts';
import type { NoticeNewcomer } from './newcomers.ts';
import { changePassword, type PasswordChange, readPasswordChange } from './password-change.ts';
import type { Surroundings } from './surroundings.ts';

export interface DirectoryAppOptions {
  credentials: { username: string; password: string | undefined };
  snapshot: { readonly model: DirectoryModel; state(): FeedState };
  /** what answers are made from */
  surroundings: (model: DirectoryModel) => Surroundings;
  /** for the one question that writes */
  pool: Pool;
  /** hears of every question that came with the shared credential */
  notice: NoticeNewcomer;
  /** hears of every question that was answered */
  lastQuestions: Pick<LastQuestions, 'note'>;
  health: () => Health;
  logger: Logger;
  metrics: Registry;
}

const PATHS = ['/freeswitch', '/freeswitch/directory', '/freeswitch/dialplan', '/freeswitch/configuration'];
const XML = 'text/xml; charset=utf-8';

/** The HTTP side of mod_xml_curl, without listening. The section that a request names decides, not its path. */
export function createDirectoryApp(options: DirectoryAppOptions): App {
  const { snapshot, surroundings, pool, notice, lastQuestions, health, logger, metrics } = options;
  const app = createApp({ logger: sharedLogger(logger), metrics, health });
  const count = createFigures(metrics, snapshot);
  const reportLeftOut = createLeftOutReport(metrics, logger);
  const access = createAccess({ ...options.credentials, model: () => snapshot.model });
  const countFailure = createFailureLimit(app);
  const counters = new Map<string, CountAnswer>();

  app.decorateRequest('asker', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(FORM_TYPE, { parseAs: 'string' }, (_request, body, done) => done(null, body));
  for (const path of PATHS) {
    counters.set(path, figuresOf(app).counterOf(path, 'POST'));
    app.post(path, { onRequest: identify }, (request, reply) => respond(request, reply, request.body));
    app.get(path, { onRequest: identify }, (request, reply) =>
      respond(request, reply, queryOf(request.raw.url)),
    );
  }
  answerDirectly(app, { take, bodyLimit: app.initialConfig.bodyLimit ?? 0 });
  return app;

  function respond(
    request: FastifyRequest,
    reply: FastifyReply,
    body: unknown,
  ): FastifyReply | Promise<string> {
    const xml = answerForm(request.getDecorator<Asker>('asker'), readForm(body));
    reply.header('content-type', XML);
    return typeof xml === 'string' ? reply.send(xml) : xml;
  }

  /** What a node posts, with its credentials. */
  function take(request: IncomingMessage): DirectAnswer | undefined {
    const count = request.method === 'POST' ? counters.get(request.url ?? '') : undefined;
    const asker = count && askerOf(request);
    if (count === undefined || asker === undefined) return undefined;
    return { count, contentType: XML, answer: (body) => answerForm(asker, readForm(body)) };
  }

  function askerOf(request: Pick<IncomingMessage, 'headers'>): Asker | undefined {
    const header = request.headers.authorization;
    return header === undefined ? undefined : access(header, () => readBasic(request));
  }

  function identify(request: FastifyRequest, _reply: unknown, done: (error?: Error) => void): void {
    const asker = askerOf(request);
    if (asker !== undefined) {
      request.setDecorator('asker', asker);
      done();
      return;
    }
    const refusal = new HttpError(401, 'not-authorised', 'wrong or missing credentials');
    countFailure(request).then(() => done(refusal), done);
  }

  function answerForm(asker: Asker, form: LookupForm): string | Promise<string> {
    requireOwnName(asker, form);
    if (asker.kind === 'shared' && snapshot.state().isFresh) notice(form, snapshot.model);
    lastQuestions.note(form, snapshot.model);
    const change = readPasswordChange(form);
    return change === undefined ? answer(form) : answerChange(change);
  }

  function answer(form: LookupForm): string {
    requireLoaded();
    return told(answerLookup(form, surroundings(snapshot.model)));
  }

  async function answerChange(change: PasswordChange): Promise<string> {
    requireLoaded();
    return told(await changePassword(change, { pool, model: snapshot.model, logger }));
  }

  function requireLoaded(): void {
    if (!snapshot.state().isLoaded) throw unavailable('not-warmed-up', 'nothing is loaded yet');
  }

  function told(answer: Answer): string {
    const { kind, xml } = answer;
    count(kind);
    reportLeftOut(answer);
    // Whoever is not in a stale snapshot may have been added since: that is not "not found".
    if (kind === 'unknown' && !snapshot.state().isFresh)
      throw unavailable('snapshot-stale', 'the database is away');
    return xml;
  }
}

/** With `method` GET in xml_curl.conf.xml the form stands behind the path, written the same. */
function queryOf(url = ''): string {
  const mark = url.indexOf('?');
  return mark < 0 ? '' : url.slice(mark + 1);
}

function readForm(body: unknown): LookupForm {
  if (typeof body !== 'string' || body === '')
    throw new HttpError(400, 'empty-body', 'the request has no form');
  const form = parseLookupForm(body);
  if (form === undefined) throw new HttpError(400, 'too-many-fields', `more than ${MAX_FIELDS} fields`);
  return form;
}

/** A node's own credential is good for its own questions only. */
function requireOwnName(asker: Asker, form: LookupForm): void {
  if (asker.kind === 'shared' || foldName(form.get('hostname') ?? '') === foldName(asker.switchname)) return;
  throw new HttpError(403, 'other-node', 'this credential belongs to another node');
}

function unavailable(code: string, message: string): HttpError {
  return new HttpError(503, code, message, { retryAfter: 1 });
}
