import type { Pool, PoolClient } from 'pg';
import { transaction } from '../postgres/transaction.ts';
import type { CallQuestion } from '../routing/call-decision.ts';
import { createLoadBoard } from '../routing/load/load-board.ts';
import { createRoutingModel } from '../routing/routing-model.ts';
import type { RoutingState } from '../routing/routing-state.ts';
import { readFleet } from './fleet.sql.ts';
import { readRowsFor } from './routing-rows.ts';

const STALE_MS = 45_000;

/**
 * What one question is decided from: the configuration as it is now, or as the transaction of a client sees it, and the load
 * as the merger stored it last, up to a second behind the services'.
 */
export function readRoutingState(
  database: Pool | PoolClient,
  { question, nowUs }: { question: CallQuestion; nowUs: number },
): Promise<RoutingState> {
  return transaction(
    database,
    async (client) => {
      const model = createRoutingModel();
      await readRowsFor(client, model, question);
      const load = createLoadBoard({ staleMs: STALE_MS, nowUs: 0 });
      for (const node of await readFleet(client)) if (node.load !== null) load.apply(node.load);
      return { model, load, nowUs, seed: 'explain' };
    },
    { isolation: 'REPEATABLE READ', readOnly: true },
  );
}
