import type { FastifyReply, FastifyRequest } from 'fastify';
import { type App, createApp } from '../../libs/http/app.ts';
import { answerError } from '../../libs/http/problem.ts';
import type { Health } from '../../libs/lifecycle/stoppable.ts';
import type { Pool } from '../../libs/postgres/database.ts';
import { searchDatabase } from '../../libs/store/search/search-database.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import type { Registry } from '../../libs/telemetry/metrics.ts';
import { requireAdministrator } from './access.ts';
import { typed } from './api-routes.ts';
import { addCallRoutes } from './call-routes.ts';
import { explainDatabaseError } from './database-error.ts';
import { addDocumentRoutes } from './document-routes.ts';
import { addFleetRoutes } from './fleet-routes.ts';
import { addNodeRoutes } from './node-routes.ts';
import { addRejectRoutes } from './reject-routes.ts';

export interface ApiAppOptions {
  /** the administrator's bearer token; nobody is let in without one */
  token: string | undefined;
  /** where searches run */
  pool: Pool;
  /** the primary, where orders to nodes are written; `pool` by default */
  writePool?: Pool;
  health: () => Health;
  logger: Logger;
  metrics: Registry;
}

/** The api without listening. Everything under /v1 needs a token. */
export function createApiApp(options: ApiAppOptions): App {
  const { token, pool, writePool = pool, health, logger, metrics } = options;
  const app = createApp({ logger, metrics, health });
  void app.register(async (closed) => {
    closed.addHook('onRequest', requireAdministrator(token));
    closed.addHook('onSend', nameBearer);
    closed.setErrorHandler(answerApiError);
    const database = searchDatabase(pool);
    addCallRoutes(typed(closed as App), database);
    addNodeRoutes(typed(closed as App), database);
    addDocumentRoutes(typed(closed as App), pool);
    addRejectRoutes(typed(closed as App), pool);
    addFleetRoutes(typed(closed as App), writePool);
  });
  return app;
}

function answerApiError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return answerError(explainDatabaseError(error), request, reply);
}

/** RFC 6750: how to come in, for who has no token. */
async function nameBearer(_request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (reply.statusCode === 401) reply.header('www-authenticate', 'Bearer realm="switchfleet"');
}
