import type { Queryable } from './queryable.ts';

/**
 * Keeps at which address of its own a node's event socket was reached; null: at none, and the one before no longer counts.
 * When that is new, whoever answers from memory is told.
 */
export async function writeNodeAddress(
  client: Queryable,
  { node, address }: { node: string; address: string | null },
): Promise<void> {
  await client.query(
    `with written as (
       insert into node_addresses (node, address)
         select switchname, $2::inet from nodes where switchname = $1 and $2::inet is not null
       on conflict (node) do update set address = excluded.address
         where node_addresses.address <> excluded.address
       returning node
     ), forgotten as (
       delete from node_addresses where node = $1 and $2::inet is null returning node
     )
     select config_change('nodes', null, array[node::text])
     from (select node from written union all select node from forgotten) changed`,
    [node, address],
  );
}
