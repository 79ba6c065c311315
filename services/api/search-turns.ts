import type { FastifyReply, FastifyRequest } from 'fastify';
import { Gauge, type Registry } from 'prom-client';
import { HttpError } from '../../libs/http/problem.ts';
import type { Pool } from '../../libs/postgres/database.ts';
import { accessOf } from './access/access.ts';
import { type Leave, Places } from './access/places.ts';
import { whenGone } from './calls/client-gone.ts';

/**
 * Runs a search or report when it is its turn; the signal aborts when its client goes away.
 * @throws HttpError 503 `searches-busy`; CodedError `cancelled`; what `work` throws
 */
export type SearchTurns = <T>(
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  work: (signal: AbortSignal) => Promise<T>,
) => Promise<T>;

export interface SearchTurnsOptions {
  /** where searches run */
  pool: Pick<Pool, 'options'>;
  metrics: Registry;
  /** how long a search waits for its turn, milliseconds */
  patienceMs?: number;
}

/** Less than a connection may be silent beyond the time of a search. */
const PATIENCE_MS = 5_000;
/** More are turned away at once: they would not be through in time. */
const MOST_WAITING = 50;

/**
 * Searches take half of the pool's connections at the most, and those of one tenant half of these: whatever they ask for,
 * tokens, changes and other tenants find a connection, and in standalone the other services do.
 */
export function createSearchTurns({
  pool,
  metrics,
  patienceMs = PATIENCE_MS,
}: SearchTurnsOptions): SearchTurns {
  const most = halfOf(pool.options.max);
  const places = new Places({ most, mostOfTenant: halfOf(most), mostWaiting: MOST_WAITING });
  showSearches(places, metrics);
  return async ({ request, reply }, work) => {
    const gone = whenGone(reply);
    const { tenant } = accessOf(request);
    const leave = places.enter(tenant) ?? (await waitForTurn(places, { tenant, gone, patienceMs }));
    try {
      return await work(gone);
    } finally {
      leave();
    }
  };
}

const halfOf = (places: number) => Math.max(1, Math.floor(places / 2));

async function waitForTurn(
  places: Places,
  { tenant, gone, patienceMs }: { tenant: string | undefined; gone: AbortSignal; patienceMs: number },
): Promise<Leave> {
  const tooLong = AbortSignal.timeout(patienceMs);
  const leave = await places.wait(tenant, AbortSignal.any([gone, tooLong])).catch((error: unknown) => {
    if (gone.aborted || !tooLong.aborted) throw error;
    return undefined;
  });
  if (leave !== undefined) return leave;
  throw new HttpError(503, 'searches-busy', 'other searches are under way: ask again', { retryAfter: 1 });
}

function showSearches(places: Places, metrics: Registry): void {
  const searches = new Gauge({
    name: 'switchfleet_api_searches',
    help: 'Searches and reports that run, and that wait for their turn',
    labelNames: ['state'],
    registers: [metrics],
    collect() {
      searches.set({ state: 'running' }, places.taken);
      searches.set({ state: 'waiting' }, places.waiting);
    },
  });
}
