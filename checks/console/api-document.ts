import pg from 'pg';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { createMetrics } from '../../libs/telemetry/metrics.ts';
import { createApiApp } from '../../services/api/api-app.ts';
import type { OpenApiDocument } from '../../services/api/openapi/document.ts';

/** The document of the api as it is now. No database is asked. */
export async function readDocument(): Promise<OpenApiDocument> {
  const pool = new pg.Pool();
  const app = createApiApp({
    token: undefined,
    pool,
    health: () => ({ ready: true, reasons: [] }),
    logger: createLogger({ service: 'contract', level: 'silent' }),
    metrics: createMetrics('contract'),
  });
  const answer = await app.inject({ url: '/v1/openapi.json' });
  await app.close();
  await pool.end();
  return answer.json() as OpenApiDocument;
}
