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

/** A node that may take the calls of a dispatch set. */
export interface DispatchMember {
  set_id: string;
  set_name: string;
  node: string;
}

/** Members of the dispatch sets that may take calls, as the view for Kamailio's dispatcher has them. */
export async function readDispatchMembers(pool: Pool): Promise<DispatchMember[]> {
  const { rows } = await pool.query<DispatchMember>(
    `select member.set_id::text, coalesce(dispatch_sets.name, member.set_id::text) as set_name, member.node
     from kamailio.dispatch_member member join nodes on nodes.switchname = member.node
     left join dispatch_sets using (set_id)
     where nodes.state = 'active' order by 1, 3 limit 10000`,
  );
  return rows;
}
