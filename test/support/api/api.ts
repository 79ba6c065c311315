import pg from 'pg';
import { createToken } from '../../../libs/provisioning/tokens.ts';
import { createSecretBox } from '../../../libs/sealing/secret-box.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { type ApiAppOptions, createApiApp } from '../../../services/api/api-app.ts';
import { type Testing, testDatabase } from '../stack/test-database.ts';

/** API_TOKEN of the apis under test. */
export const ADMIN = 'administrator-token';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS';

interface Question {
  /** ADMIN by default; '' sends none */
  token?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** An answer, its body read as JSON where it is some. */
export interface Answer {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  // tests look into answers of every shape
  body: Record<string, unknown> & { code?: string; items?: Record<string, unknown>[] };
}

/** An api on a database of its own, without a listener, and ways to ask it. */
export async function testApi(t: Testing, limits = NO_LIMITS) {
  const { connectionString } = await testDatabase(t);
  return apiOver(t, connectionString, limits);
}

const NO_LIMITS = { requests: 1_000_000, failures: 1_000_000 };

/** The same on a database that is there already. */
export function apiOver(
  t: Testing,
  connectionString: string,
  limits = NO_LIMITS,
  more: Partial<ApiAppOptions> = {},
) {
  const pool = new pg.Pool({ connectionString, max: 4 });
  pool.on('error', () => undefined);
  const app = createApiApp({
    token: ADMIN,
    pool,
    limits,
    box: createSecretBox('0'.repeat(64)),
    health: () => ({ ready: true, reasons: [] }),
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics: createMetrics('test'),
    ...more,
  });
  t.after(async () => {
    await app.close();
    await pool.end();
  });

  async function ask(
    method: Method,
    url: string,
    { token = ADMIN, body, headers = {} }: Question = {},
  ): Promise<Answer> {
    const authorization = token === '' ? {} : { authorization: `Bearer ${token}` };
    const payload = body === undefined ? {} : { payload: body as string | object };
    const answer = await app.inject({ method, url, headers: { ...authorization, ...headers }, ...payload });
    const isJson = /[/+]json/.test(String(answer.headers['content-type'])) && answer.body !== '';
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: answer.body,
      body: isJson ? answer.json() : {},
    };
  }

  /** A token with a row in the table. */
  async function token(role: string, tenant?: string): Promise<string> {
    const name = `${role}-${tenant ?? 'fleet'}-${Math.random().toString(36).slice(2, 8)}`;
    return (await createToken(pool, { name, role, tenant, createdBy: 'test' })).token;
  }

  return { app, pool, ask, token };
}
