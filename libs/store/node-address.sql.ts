import type { Queryable } from './queryable.ts';

/** Keeps where the event socket of a node was reached; when that is new, whoever answers from memory is told. */
export async function writeNodeAddress(
  client: Queryable,
  { node, address }: { node: string; address: string },
): Promise<void> {
  await client.query(
    `with changed as (
       insert into node_addresses (node, address)
         select switchname, $2::inet from nodes where switchname = $1
       on conflict (node) do update set address = excluded.address
         where node_addresses.address <> excluded.address
       returning node
     )
     select config_change('nodes', null, array[node::text]) from changed`,
    [node, address],
  );
}
