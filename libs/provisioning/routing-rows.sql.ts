import type { ClientBase } from 'pg';
import { SUBSCRIBERS, type SubscriberRow } from '../routing/tables/subscribers.ts';
import { DID_ROUTING, type DidRow } from '../snapshot/tables/did-routing.ts';

/** DIDs by which a name is known as a room or queue of domains: one of each kind, of a thousand that there may be. */
export async function readRoomDids(
  client: ClientBase,
  { domains, name }: { domains: readonly string[]; name: string },
): Promise<DidRow[]> {
  const { rows } = await client.query<DidRow>(
    `select ${DID_ROUTING.select}
     where id in (
       select min(id) from did_routing
       where domain = any($1) and destination = $2 and dest_type in ('conference', 'queue')
       group by domain, dest_type
     )`,
    [domains, name],
  );
  return rows;
}

/** Users of a domain that have one of the names (in lower case) as id or number alias. */
export async function readNamedUsers(
  client: ClientBase,
  { domain, names }: { domain: string; names: readonly string[] },
): Promise<SubscriberRow[]> {
  const { rows } = await client.query<SubscriberRow>(
    `select ${SUBSCRIBERS.select}
     where domain = $1 and (lower(user_id) = any($2) or lower(number_alias) = any($2))`,
    [domain, names],
  );
  return rows;
}
