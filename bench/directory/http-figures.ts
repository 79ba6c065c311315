import { type Comparison, compare, compareTogether, type Figure } from '../figure.ts';
import type { Scope } from '../main/scope.ts';
import type { Effort } from '../parts.ts';
import { openFleet } from './fleet.ts';
import { load, rateOf, start, startService } from './place.ts';
import { questionsFor, requestOf } from './questions.ts';

const SIZE = { domains: 20, users: 2_000 };
const WARM_UP_MS = 1_500;

/** `directory.keepalive` against a bare handler, `…_vs_sql` against a query a request; new connections; latency. */
export async function httpFigures(scope: Scope, { rounds, seconds }: Effort): Promise<Figure[]> {
  const fleet = await openFleet(scope, SIZE);
  const service = await startService(scope, fleet);
  const requests = questionsFor(SIZE);
  const client = start(scope, 'http-load-process.ts');
  const bare = await startBare(scope, service.port, requests);
  const sql = start(scope, 'sql-process.ts', { DATABASE_URL: fleet.connectionString });
  const sqlPort = await sql.ask<number>('start');
  const milliseconds = seconds * 1000;
  const rate = async (port: number, isNewConnection = false) =>
    rateOf(await load(client, { port, requests, milliseconds, isNewConnection }));
  for (const port of [service.port, bare, sqlPort])
    await load(client, { port, requests, milliseconds: WARM_UP_MS });
  const compared = await compareTogether(
    [
      against(
        'directory.keepalive',
        () => rate(service.port),
        () => rate(bare),
      ),
      against(
        'directory.keepalive_vs_sql',
        () => rate(service.port),
        () => rate(sqlPort),
      ),
      against(
        'directory.new_connection',
        () => rate(service.port, true),
        () => rate(bare, true),
      ),
    ],
    rounds,
  );
  const half = (compared[0]?.value ?? 0) / 2;
  const p99 = async (port: number) =>
    (await load(client, { port, requests, milliseconds, rate: half })).p99Ms;
  // What client and kernel need at that rate is in both: the bare handler's p99 says how much that is.
  const latency = await compare({
    name: 'directory.p99_at_half_rate_ms',
    unit: 'ms',
    better: 'lower',
    value: () => p99(service.port),
    baseline: () => p99(bare),
    rounds,
  });
  return [...compared, latency];
}

/** Starts the bare handler with an answer of the size that the directory's has. */
export async function startBare(scope: Scope, port: number, requests: readonly string[]): Promise<number> {
  const body = (requests[0] ?? '').split('\r\n\r\n')[1] ?? '';
  const [, authorization = ''] = /Authorization: (.*)\r\n/.exec(requestOf(body)) ?? [];
  const answer = await fetch(`http://127.0.0.1:${port}/freeswitch`, {
    method: 'POST',
    body,
    headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
  });
  const text = await answer.text();
  if (!text.includes('a1-hash')) throw new Error(`not the answer of a user: ${text}`);
  return start(scope, 'bare-process.ts').ask<number>(text.length);
}

/** A figure of requests a second. */
export function against(
  name: string,
  value: () => Promise<number>,
  baseline: () => Promise<number>,
): Comparison {
  return { name, unit: 'req/s', better: 'higher', value, baseline };
}
