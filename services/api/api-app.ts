import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Bus } from '../../libs/bus/bus.ts';
import { type Clock, createClock } from '../../libs/clock/clock.ts';
import { createReparse, type Reparse } from '../../libs/freeswitch/cdr/reparse.ts';
import { type App, createApp } from '../../libs/http/app.ts';
import { answerError } from '../../libs/http/problem.ts';
import type { Health } from '../../libs/lifecycle/stoppable.ts';
import { readVersion } from '../../libs/lifecycle/version.ts';
import type { Pool } from '../../libs/postgres/database.ts';
import type { PartitionedTable } from '../../libs/postgres/partition-keeper.ts';
import type { RecordingSource } from '../../libs/recordings/recording-source.ts';
import type { SecretBox } from '../../libs/sealing/secret-box.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import type { Registry } from '../../libs/telemetry/metrics.ts';
import { addAccessRoutes } from './access/access-routes.ts';
import { closeApp } from './access/gate.ts';
import { typed } from './api-routes.ts';
import { addCallsRoutes } from './calls/calls-routes.ts';
import { addConsole } from './console/console.ts';
import { credentialReader } from './console/credential.ts';
import { addDocumentRoutes } from './document-routes.ts';
import { explainError } from './explain-error.ts';
import type { LiveHub } from './live/live-hub.ts';
import { addLiveRoutes } from './live/live-routes.ts';
import { addDocumentationRoutes, answerWrongMethod, createDocumentation } from './openapi/openapi-routes.ts';
import { keepAnswersPrivate } from './private-answers.ts';
import { keepAudit } from './provisioning/audit-retention.ts';
import { addProvisioningRoutes } from './provisioning/provisioning-routes.ts';
import { addRecordingRoutes } from './recordings/recording-routes.ts';
import { addReplayRoute } from './reject-replay-route.ts';
import { addRejectRoutes } from './reject-routes.ts';
import { addConcurrencyRoutes } from './reports/concurrency-routes.ts';
import { addKpiRoutes } from './reports/kpi-routes.ts';
import { validateStrictly } from './request-validation.ts';
import { addRunbookRoutes } from './runbook-routes.ts';
import { createSearchTurns } from './search-turns.ts';
import { addSystemRoutes } from './system/system-routes.ts';

export interface ApiAppOptions {
  /** API_TOKEN: an administrator beside the tokens of the table */
  token: string | undefined;
  /** where searches run */
  pool: Pool;
  /** the primary, where what is configured is read and written; `pool` by default */
  writePool?: Pool;
  /** seals what must be stored in plain text; without one such things are refused */
  box?: SecretBox | undefined;
  /** where recordings are; nowhere by default */
  recordings?: RecordingSource;
  clock?: Clock;
  /** what is partitioned, and how long it is kept: the system's page shows it */
  tables?: readonly PartitionedTable[];
  /** what happens now; without it /v1/live answers 503 */
  live?: LiveHub | undefined;
  /** where CDRs that are replayed go; nowhere by default */
  openBus?: (() => Promise<Bus>) | undefined;
  /** reads CDRs as service cdr does */
  reparse?: Reparse;
  /** time of one search, milliseconds; one that is not through by then says how far it got */
  searchMs?: number;
  /** where recordings are, when they are elsewhere */
  mediaOrigin?: string | undefined;
  /** of a call's packets: see API_HOMER_URL */
  homerUrl?: string | undefined;
  /** days of the audit log that are kept; all by default */
  auditDays?: number;
  /** API_TRUSTED_PROXIES: whose X-Forwarded-For is believed */
  trustedProxies?: string[] | undefined;
  /** in a minute: requests of one token, refusals of one address */
  limits?: { requests: number; failures: number };
  health: () => Health;
  logger: Logger;
  metrics: Registry;
}

/** The api without listening. Everything under /v1 but the document about it needs a token. */
export function createApiApp(options: ApiAppOptions): App {
  const { token, pool, writePool = pool, limits = DEFAULT_LIMITS, health, logger, metrics } = options;
  const { searchMs = SEARCH_MS, live, recordings = NO_RECORDINGS, clock = createClock() } = options;
  const { tables = [], reparse = createReparse({ CDR_VARIABLES: undefined }) } = options;
  const documentation = createDocumentation(readVersion());
  const server = {
    requestTimeout: SENDING_MS,
    connectionTimeout: Math.max(SILENT_MS, searchMs + MARGIN_MS),
    trustProxy: options.trustedProxies ?? false,
    http: { maxHeaderSize: MAX_HEADER_BYTES },
  };
  const notFound = answerWrongMethod(documentation);
  const app = createApp({ logger, metrics, health, notFound, server });
  const credential = credentialReader(addConsole(app, writePool, { mediaOrigin: options.mediaOrigin }));
  void app.register(async (closed) => {
    validateStrictly(closed);
    documentation.gather(closed);
    keepAnswersPrivate(closed as App);
    const gate = closeApp(closed as App, { bootstrapToken: token, pool: writePool, limits, credential });
    closed.setErrorHandler(answerApiError);
    const routes = typed(closed as App);
    const turns = createSearchTurns({ pool, metrics });
    addCallsRoutes(routes, { pool, searchMs, turns, metrics, gate });
    addRecordingRoutes(routes, { pool, writePool, source: recordings, clock });
    addSystemRoutes(routes, { pool: writePool, tables });
    addLiveRoutes(routes, { hub: live, pool: writePool, gate, metrics });
    addKpiRoutes(routes, { pool, reportMs: searchMs, turns });
    addConcurrencyRoutes(routes, { pool, reportMs: searchMs, turns });
    addDocumentRoutes(routes, pool);
    addRejectRoutes(routes, pool);
    addReplayRoute(routes, { pool: writePool, clock, reparse, openBus: options.openBus });
    addProvisioningRoutes(routes, { pool: writePool, box: options.box });
    addAccessRoutes(routes, { pool: writePool, homerUrl: options.homerUrl });
  });
  // whoever types the address alone looks for the pages
  app.get('/', async (_request, reply) => reply.redirect('/console/', 302));
  if (options.auditDays !== undefined) keepAudit(app, { pool: writePool, days: options.auditDays });
  addDocumentationRoutes(app, documentation);
  addRunbookRoutes(app);
  return app;
}

const NO_RECORDINGS: RecordingSource = { locate: () => undefined };
const SEARCH_MS = 5_000;
/** A search may ask for everything at once, percent-encoded: more than Node's own 16 KiB. */
const MAX_HEADER_BYTES = 64 * 1024;
/** A file that is imported takes a while to send. Who may send one is known before. */
const SENDING_MS = 300_000;
/** How long a connection may be silent: longer than a search takes. */
const SILENT_MS = 60_000;
const MARGIN_MS = 10_000;
const DEFAULT_LIMITS = { requests: 6_000, failures: 30 };

function answerApiError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return answerError(explainError(error), request, reply);
}
