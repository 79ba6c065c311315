import type { ClientBase, Pool } from 'pg';

export interface NodeColumns {
  switchname: string;
  esl_host: string;
  esl_port: number;
  esl_password_encrypted: string;
  sip_uri: string | null;
  region: string | null;
  max_sessions: number | null;
  http_password_hash: string;
}

/** Adds one node; it is no discovery any more. */
export async function insertNode(client: ClientBase | Pool, node: NodeColumns): Promise<void> {
  await client.query(
    `with forgotten as (delete from discovered_nodes where switchname = $1)
     insert into nodes (switchname, esl_host, esl_port, esl_password_encrypted, sip_uri, region, max_sessions,
       http_password_hash)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      node.switchname,
      node.esl_host,
      node.esl_port,
      node.esl_password_encrypted,
      node.sip_uri,
      node.region,
      node.max_sessions,
      node.http_password_hash,
    ],
  );
}

/** A node that is configured is no discovery any more. */
export async function deleteDiscovery(client: ClientBase, switchname: string): Promise<void> {
  await client.query('delete from discovered_nodes where switchname = $1', [switchname]);
}

/** A switchname that nobody configured. */
export interface DiscoveredNode {
  switchname: string;
  /** where it was seen */
  address: string | null;
  seen_by: string;
  reason: string;
  first_seen_at: string;
  last_seen_at: string;
  sightings: number;
}

/** Those that were seen, the last one first. */
export async function readDiscoveries(pool: Pool, limit: number): Promise<DiscoveredNode[]> {
  const { rows } = await pool.query<DiscoveredNode>(
    `select switchname, address, seen_by, reason, to_json(first_seen_at) #>> '{}' as first_seen_at,
       to_json(last_seen_at) #>> '{}' as last_seen_at, sightings::float8 as sightings
     from discovered_nodes order by last_seen_at desc, switchname limit $1`,
    [limit],
  );
  return rows;
}

export interface Discovery {
  switchname: string;
  /** host, or host:port of its event socket; null: not told */
  address: string | null;
  /** service and instance */
  seenBy: string;
  reason: string;
}

/** Remembers a switchname that nobody configured; one that somebody just configured is left alone. */
export async function recordDiscovery(
  pool: Pool,
  { switchname, address, seenBy, reason }: Discovery,
): Promise<void> {
  await pool.query(
    `insert into discovered_nodes (switchname, address, seen_by, reason)
     select $1::text, $2::text, $3::text, $4::text where not exists (select from nodes where switchname = $1)
     on conflict (switchname) do update set
       address = coalesce(excluded.address, discovered_nodes.address), seen_by = excluded.seen_by,
       reason = excluded.reason, last_seen_at = now(), sightings = discovered_nodes.sightings + 1`,
    [switchname, address, seenBy, reason],
  );
}
