import type { Pool } from '../../libs/postgres/database.ts';

/** SQL for as long as a lease lasts, from its length in milliseconds. */
const lasting = (leaseMs: string) => `make_interval(secs => ${leaseMs}::double precision / 1000)`;

/** What is dated this much later than it could be was written before the database's clock was set back. */
const AHEAD = `interval '1 minute'`;

/**
 * A collector says that it is alive, and forgets those that have not for a lease. What was written before the database's clock was set
 * back lasts from now on, members and leases: who lives renews it in time, and nothing is taken from them.
 */
export async function beat(pool: Pool, instance: string, leaseMs: number): Promise<void> {
  await pool.query(
    `with mine as (
       insert into collector_members (instance_id) values ($1)
       on conflict (instance_id) do update set seen_at = now()
     ), members as (
       update collector_members set seen_at = now() where instance_id <> $1 and seen_at > now() + ${AHEAD}
     ), leases as (
       update node_leases set expires_at = now() + ${lasting('$2')} where expires_at > now() + ${lasting('$2')} + ${AHEAD}
     )
     delete from collector_members where instance_id <> $1 and seen_at < now() - ${lasting('$2')}`,
    [instance, leaseMs],
  );
}

/** How many collectors are alive. */
export async function countMembers(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ members: number }>(
    'select count(*)::integer as members from collector_members',
  );
  return rows[0]?.members ?? 0;
}

/** Renews what an instance still holds, expired or not, and gives those nodes: what is missing has another holder now. */
export async function renewLeases(pool: Pool, instance: string, leaseMs: number): Promise<string[]> {
  const { rows } = await pool.query<{ node: string }>(
    `update node_leases set expires_at = now() + ${lasting('$2')} where holder = $1 returning node`,
    [instance, leaseMs],
  );
  return rows.map(({ node }) => node);
}

export interface Claim {
  instance: string;
  leaseMs: number;
  /** switchnames that may be claimed */
  nodes: readonly string[];
  /** at most so many */
  limit: number;
}

/** Takes free nodes: those without a lease, or whose lease is over. Two claimers never get the same one. */
export async function claimLeases(pool: Pool, { instance, leaseMs, nodes, limit }: Claim): Promise<string[]> {
  const { rows } = await pool.query<{ node: string }>(
    `insert into node_leases as lease (node, holder, expires_at)
     select free.node, $1, now() + ${lasting('$2')}
     from unnest($3::text[]) as free (node)
     where not exists (select from node_leases held where held.node = free.node and held.expires_at >= now())
     order by free.node
     limit $4
     on conflict (node) do update set holder = excluded.holder, expires_at = excluded.expires_at
       where lease.expires_at < now()
     returning node`,
    [instance, leaseMs, nodes, limit],
  );
  return rows.map(({ node }) => node);
}

/** Gives nodes free at once; who followed them has stopped. The last core stays known. */
export async function releaseLeases(pool: Pool, instance: string, nodes: readonly string[]): Promise<void> {
  await pool.query(
    `update node_leases set expires_at = '-infinity', holder = ''
     where holder = $1 and node = any($2::text[])`,
    [instance, nodes],
  );
}

/** Nodes that were removed and had been followed, and that no other instance follows by now. */
export async function findLeftBehind(pool: Pool, instance: string): Promise<string[]> {
  const { rows } = await pool.query<{ node: string }>(
    `select node from node_leases
     where (expires_at < now() or holder = $1) and not exists (select from nodes where switchname = node)`,
    [instance],
  );
  return rows.map(({ node }) => node);
}

/** Takes away the leases of removed nodes: nobody has to be told of these any more. */
export async function dropLeases(pool: Pool, nodes: readonly string[]): Promise<void> {
  await pool.query(
    `delete from node_leases where node = any($1::text[]) and not exists (select from nodes where switchname = node)`,
    [nodes],
  );
}

/** A collector leaves: the others share its nodes. */
export async function leave(pool: Pool, instance: string): Promise<void> {
  await pool.query('delete from collector_members where instance_id = $1', [instance]);
}

/** Remembers the core that a node runs now. */
export async function writeCore(pool: Pool, node: string, coreUuid: string): Promise<void> {
  await pool.query('update node_leases set core_uuid = $2 where node = $1', [node, coreUuid]);
}

/** The core that a node was last seen with. */
export async function readCore(pool: Pool, node: string): Promise<string | null> {
  const { rows } = await pool.query<{ core_uuid: string | null }>(
    'select core_uuid from node_leases where node = $1',
    [node],
  );
  return rows[0]?.core_uuid ?? null;
}
