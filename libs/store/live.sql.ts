import type { NodeState } from '../records/node-event.ts';
import type { Queryable } from './queryable.ts';
import { toMicroseconds } from './time.sql.ts';

/** A call that is up now. */
export interface UpCall {
  call_id: string;
  start_us: number;
  answer_us: number | null;
  tenant: string | null;
  domain: string | null;
  direction: string | null;
  caller: string | null;
  callee: string | null;
  trunk: string | null;
  nodes: string[];
}

/** Calls that are up now, the newest first, `limit` at the most: of one tenant, or all. */
export async function listUpCalls(
  database: Queryable,
  { tenant, limit }: { tenant: string | undefined; limit: number },
): Promise<UpCall[]> {
  const { rows } = await database.query<
    Omit<UpCall, 'start_us' | 'answer_us'> & { start_us: string; answer_us: string | null }
  >(
    `select id as call_id, ${toMicroseconds('start_at')} as start_us, ${toMicroseconds('answer_at')} as answer_us, tenant, domain,
       direction, caller, callee, trunk, nodes
     from calls where end_at is null and state = 'live' and merged_into is null and ($1::text is null or tenant = $1::text)
     order by start_at desc limit $2`,
    [tenant ?? null, limit],
  );
  return rows.map((row) => ({
    ...row,
    start_us: Number(row.start_us),
    answer_us: row.answer_us === null ? null : Number(row.answer_us),
  }));
}

/** How a node is, as collectors said last. */
export interface NodeNow {
  node: string;
  state: NodeState | null;
  reason: string | null;
  load: unknown;
}

/** All nodes that collectors said something of. */
export async function listNodesNow(database: Queryable): Promise<NodeNow[]> {
  const { rows } = await database.query<NodeNow>(
    'select node, state, reason, load from node_status order by node',
  );
  return rows;
}
