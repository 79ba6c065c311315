import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Comparison, compareTogether, type Figure } from '../figure.ts';
import type { Scope } from '../main/scope.ts';
import type { Effort } from '../parts.ts';
import { type Child, startChild } from './child.ts';
import { type Fleet, NODES, openFleet } from './fleet.ts';
import type { HttpLoad, HttpLoadResult } from './http-load-process.ts';
import { questionsFor } from './questions.ts';
import type { ServiceReady } from './service-process.ts';

const SIZE = { domains: 2_000, dids: 100_000, prefixes: 33_000 };
const CONNECTIONS = 32;
const AUTHORIZATION = `Basic ${Buffer.from('kamailio:secret').toString('base64')}`;

/** A running routing service on a fleet. */
export interface Service extends ServiceReady {
  child: Child;
}

/** Starts the routing service of a bench; `ready` says how long its load took. */
export async function startService(scope: Scope, fleet: Fleet): Promise<Service> {
  const dataDir = await mkdtemp(join(tmpdir(), 'routing-bench-'));
  scope.after(() => rm(dataDir, { recursive: true, force: true }));
  const child = startChild(scope, 'service-process.ts', {
    DATABASE_URL: fleet.connectionString,
    DATA_DIR: dataDir,
    KAMAILIO_PASSWORD: 'secret',
    SECRETS_KEY: '11'.repeat(32),
    ROUTING_PORT: '0',
    ROUTING_DELAY_LIMIT_MS: '60000',
    LOG_LEVEL: 'error',
    BENCH_NODES: String(NODES),
  });
  return { child, ...(await child.ask<ServiceReady>('start')) };
}

/** `routing.did` and `routing.decision` against a bare handler, `routing.decision_vs_sql` against SQL a request. */
export async function httpFigures(scope: Scope, { rounds, seconds }: Effort): Promise<Figure[]> {
  const fleet = await openFleet(scope, SIZE);
  const service = await startService(scope, fleet);
  const bare = await startChild(scope, 'bare-process.ts').ask<number>('start');
  const sql = await startChild(scope, 'sql-process.ts', { DATABASE_URL: fleet.connectionString }).ask<number>(
    'start',
  );
  const client = startChild(scope, 'http-load-process.ts');
  const { did, decision } = questionsFor(fleet.size);

  const rate = async (port: number, paths: string[], milliseconds = seconds * 1000) => {
    const authorization = port === service.port ? AUTHORIZATION : undefined;
    const load: HttpLoad = { port, paths, authorization, connections: CONNECTIONS, milliseconds };
    const result = await client.ask<HttpLoadResult>(load);
    if (result.wrong > 0) throw new Error(`${result.wrong} of ${result.answers} answers were wrong`);
    return (result.answers / result.milliseconds) * 1000;
  };
  for (const paths of [did, decision])
    for (const port of [service.port, bare]) await rate(port, paths, 1_000);
  await rate(sql, decision, 500);
  const against = (name: string, paths: string[], port: number): Comparison => ({
    name,
    unit: 'req/s',
    better: 'higher',
    value: () => rate(service.port, paths),
    baseline: () => rate(port, paths),
  });
  return compareTogether(
    [
      against('routing.did', did, bare),
      against('routing.decision', decision, bare),
      against('routing.decision_vs_sql', decision, sql),
    ],
    rounds,
  );
}
