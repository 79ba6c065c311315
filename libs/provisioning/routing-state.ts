import type { Pool } from 'pg';
import { createLoadBoard } from '../routing/load/load-board.ts';
import { createRoutingModel } from '../routing/routing-model.ts';
import type { RoutingState } from '../routing/routing-state.ts';
import { loadFromDatabase } from '../snapshot/load.ts';
import { readFleet } from './fleet.sql.ts';

const STALE_MS = 45_000;

/** The configuration as it is now, and the load as the merger stored it last: up to a second behind the services'. */
export async function readRoutingState(pool: Pool, nowUs: number): Promise<RoutingState> {
  const { model } = await loadFromDatabase(pool, createRoutingModel());
  const load = createLoadBoard({ staleMs: STALE_MS, nowUs: 0 });
  for (const node of await readFleet(pool)) if (node.load !== null) load.apply(node.load);
  return { model, load, nowUs, seed: 'explain' };
}
