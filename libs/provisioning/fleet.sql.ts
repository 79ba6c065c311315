import type { ClientBase, Pool } from 'pg';
import type { DispatcherRow } from '../kamailio/dispatcher.ts';
import type { NodeLoad } from '../records/node-load.ts';

export type AdminState = 'active' | 'draining' | 'disabled';

/** A node with what is known of it. Times in seconds before now; null: never. */
export interface FleetNode {
  switchname: string;
  /** what somebody decided; `discovered`: nobody did */
  state: AdminState | 'discovered';
  address: string;
  sip_uri: string | null;
  region: string | null;
  max_sessions: number | null;
  /** what the collectors say */
  connection: string | null;
  reason: string | null;
  load: NodeLoad | null;
  load_seconds: number | null;
}

/** Every node that is configured, by name, then those that only showed up. */
export async function readFleet(pool: Pool | ClientBase): Promise<FleetNode[]> {
  const { rows } = await pool.query<FleetNode>(
    `select * from (
     select node.switchname::text as switchname, node.state, node.esl_host || ':' || node.esl_port as address, node.sip_uri,
       node.region::text, node.max_sessions, status.state as connection, status.reason, status.load,
       extract(epoch from clock_timestamp() - status.load_at)::float8 as load_seconds
     from nodes node left join node_status status on status.node = node.switchname
     union all
     select switchname, 'discovered', coalesce(address, ''), null, null, null, null, reason, null, null
     from discovered_nodes) fleet
     order by state = 'discovered', switchname`,
  );
  return rows;
}

/** Sets what somebody decided. Returns the node's SIP URI and what it was before; undefined: there is no such node. */
export async function updateNodeState(
  client: ClientBase,
  { switchname, state }: { switchname: string; state: AdminState },
): Promise<{ sip_uri: string | null; before: AdminState } | undefined> {
  const { rows } = await client.query<{ sip_uri: string | null; before: AdminState }>(
    `with before as (select switchname, state from nodes where switchname = $1 for update)
     update nodes set state = $2 from before where nodes.switchname = before.switchname
     returning nodes.sip_uri, before.state as before`,
    [switchname, state],
  );
  return rows[0];
}

/** Removes a node. Its assignments go with it. Returns whether there was one. */
export async function deleteNode(client: ClientBase | Pool, switchname: string): Promise<boolean> {
  const { rowCount } = await client.query('delete from nodes where switchname = $1', [switchname]);
  return rowCount === 1;
}

/** The address that a discovered node was seen at; undefined: nobody of that name was seen. */
export async function readDiscovery(pool: Pool, switchname: string): Promise<string | null | undefined> {
  const { rows } = await pool.query<{ address: string | null }>(
    'select address from discovered_nodes where switchname = $1',
    [switchname],
  );
  return rows[0]?.address;
}

/** Where our Kamailios answer JSON-RPC. */
export async function readRpcUrls(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ rpc_url: string }>(
    'select rpc_url from proxies where rpc_url is not null order by name',
  );
  return rows.map(({ rpc_url }) => rpc_url);
}

/** What Kamailio's dispatcher reads. */
export async function readDispatcher(pool: Pool): Promise<DispatcherRow[]> {
  const { rows } = await pool.query<DispatcherRow>(
    `select setid, destination, flags, priority, attrs, description from kamailio.dispatcher order by setid, description`,
  );
  return rows;
}

/** Where the view kamailio.dispatch_member puts nodes that are in no set. */
const NO_SET = 2_147_483_647;

/** The active nodes that serve a domain, with their priority and weight; of all domains when it is assigned nowhere. */
export async function readServingNodes(
  pool: Pool,
  domain: string,
): Promise<{ switchname: string; sip_uri: string; priority: number; weight: number }[]> {
  const { rows } = await pool.query(
    `select node.switchname::text, node.sip_uri, max(member.priority) as priority, max(member.weight) as weight
     from kamailio.dispatch_member member join nodes node on node.switchname = member.node
     left join domains domain on domain.name = $1
     where node.state = 'active' and node.sip_uri is not null
       and case
         when domain.dispatch_set is not null then member.set_id = domain.dispatch_set
         when domain.node is not null then member.node = domain.node
         else member.set_id not in (select set_id from dest_type_sets)
           and (member.set_id <> $2 or not exists (
             select from dispatch_members where set_id not in (select set_id from dest_type_sets)))
       end
     group by 1, 2 order by 1`,
    [domain, NO_SET],
  );
  return rows;
}
