import type { FastifyReply, FastifyRequest } from 'fastify';
import { Counter, Gauge, type Registry } from 'prom-client';
import { type LookupForm, MAX_FIELDS, parseLookupForm } from '../../libs/freeswitch/xml/form.ts';
import { foldName } from '../../libs/freeswitch/xml/name.ts';
import { type App, createApp } from '../../libs/http/app.ts';
import { readBasic } from '../../libs/http/credentials.ts';
import { HttpError } from '../../libs/http/problem.ts';
import type { Health } from '../../libs/lifecycle/stoppable.ts';
import type { FeedState } from '../../libs/snapshot/held-snapshot.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import { type Asker, createAccess } from './access.ts';
import { answerLookup } from './answer.ts';
import type { DirectoryModel } from './directory-model.ts';

export interface DirectoryAppOptions {
  credentials: { username: string; password: string | undefined };
  snapshot: { readonly model: DirectoryModel; state(): FeedState };
  health: () => Health;
  logger: Logger;
  metrics: Registry;
}

const PATHS = ['/freeswitch', '/freeswitch/directory', '/freeswitch/dialplan', '/freeswitch/configuration'];
const FORM = 'application/x-www-form-urlencoded';

/** The HTTP side of mod_xml_curl, without listening. The section that a request names decides, not its path. */
export function createDirectoryApp(options: DirectoryAppOptions): App {
  const { snapshot, health, logger, metrics } = options;
  const app = createApp({ logger, metrics, health });
  const answers = createFigures(metrics, snapshot);
  const access = createAccess({ ...options.credentials, model: () => snapshot.model });

  app.decorateRequest('asker', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(FORM, { parseAs: 'string' }, (_request, body, done) => done(null, body));
  for (const path of PATHS) {
    app.post(path, { onRequest: identify }, (request, reply) => {
      const form = readForm(request);
      requireOwnName(request.getDecorator<Asker>('asker'), form);
      return reply.header('content-type', 'text/xml; charset=utf-8').send(answer(form));
    });
  }
  return app;

  async function identify(request: FastifyRequest, _reply: FastifyReply): Promise<void> {
    const credentials = readBasic(request);
    const asker = credentials && access(credentials);
    if (asker === undefined) throw new HttpError(401, 'not-authorised', 'wrong or missing credentials');
    request.setDecorator('asker', asker);
  }

  function answer(form: LookupForm): string {
    const state = snapshot.state();
    if (!state.isLoaded) throw unavailable('not-warmed-up', 'nothing is loaded yet');
    const { kind, xml } = answerLookup(form, snapshot.model);
    answers.inc({ kind });
    // Whoever is not in a stale snapshot may have been added since: that is not "not found".
    if (kind === 'unknown' && !state.isFresh) throw unavailable('snapshot-stale', 'the database is away');
    return xml;
  }
}

function readForm(request: FastifyRequest): LookupForm {
  const form = parseLookupForm(typeof request.body === 'string' ? request.body : '');
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

function createFigures(metrics: Registry, snapshot: DirectoryAppOptions['snapshot']): Counter<'kind'> {
  new Gauge({
    name: 'switchfleet_directory_users',
    help: 'Users in memory',
    registers: [metrics],
    collect() {
      this.set(snapshot.model.userCount);
    },
  });
  return new Counter({
    name: 'switchfleet_directory_answers_total',
    help: 'Lookups by what was answered',
    labelNames: ['kind'],
    registers: [metrics],
  });
}
