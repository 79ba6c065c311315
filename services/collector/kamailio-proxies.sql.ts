import type { Pool } from '../../libs/postgres/database.ts';

/** A Kamailio that answers JSON-RPC. */
export interface KamailioProxy {
  name: string;
  rpcUrl: string;
}

/** The proxies that can be asked, at most 100. */
export async function readKamailios(pool: Pool): Promise<KamailioProxy[]> {
  const { rows } = await pool.query<KamailioProxy>(
    `select name, rpc_url as "rpcUrl" from proxies where rpc_url is not null order by name limit 100`,
  );
  return rows;
}

/** What the dispatch sets are called, by number. */
export async function readSetNames(pool: Pool): Promise<Map<number, string>> {
  const { rows } = await pool.query<{ set_id: number; name: string }>(
    'select set_id, name from dispatch_sets order by set_id limit 1000',
  );
  return new Map(rows.map(({ set_id, name }) => [set_id, name]));
}
