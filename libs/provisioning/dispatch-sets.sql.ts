import type { ClientBase } from 'pg';
import type { Json } from './resource/resource.ts';

/** Makes these, and no others, the members of a set: a list of node, priority and weight. */
export async function replaceMembers(
  client: ClientBase,
  setId: Json | undefined,
  members: Json,
): Promise<void> {
  await client.query('delete from dispatch_members where set_id = $1', [setId]);
  await client.query(
    `insert into dispatch_members (set_id, node, priority, weight)
     select $1, node, coalesce(priority, 0), coalesce(weight, 50) from jsonb_populate_recordset(null::dispatch_members, $2::jsonb)`,
    [setId, JSON.stringify(members)],
  );
}

/** Makes a set serve these kinds of destination, and no others. */
export async function replaceDestTypes(
  client: ClientBase,
  setId: Json | undefined,
  destTypes: Json,
): Promise<void> {
  await client.query('delete from dest_type_sets where set_id = $1', [setId]);
  await client.query(
    `insert into dest_type_sets (dest_type, set_id) select dest_type, $1 from jsonb_array_elements_text($2::jsonb) dest_type
     on conflict (dest_type) do update set set_id = excluded.set_id`,
    [setId, JSON.stringify(destTypes)],
  );
}
