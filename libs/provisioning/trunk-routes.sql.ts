import type { ClientBase } from 'pg';
import type { Item } from './resource/resource.ts';

/**
 * Lets one change at a time look for another route to the trunk that is the same, until its transaction ends: two that came
 * together would not see each other. A lock a trunk, not a route: an import has more routes than PostgreSQL has locks.
 */
export async function lockRoutes(client: ClientBase, route: Item): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(hashtext('switchfleet.trunk_routes'), hashtext($1))`, [
    route['trunk'],
  ]);
}

/** Whether a route's trunk is one that its author (a tenant, or the fleet) may use, and another route that is the same. */
export async function readRouteConflict(
  client: ClientBase,
  route: Item,
  tenant: string | undefined,
): Promise<{ hasTrunk: boolean; twin: string | undefined }> {
  const { rows } = await client.query<{ has_trunk: boolean; twin: string | null }>(
    `select
       exists (select from trunks where name = $1 and ($2::text is null or trunks.tenant is null or trunks.tenant = $2)) as has_trunk,
       (select min(other.id)::text from trunk_routing mine
        join trunk_routing other on other.id <> mine.id and other.prefix = mine.prefix and other.trunk = mine.trunk
          and other.caller_prefix = mine.caller_prefix and other.domain is not distinct from mine.domain
          and other.windows = mine.windows and other.time_zone is not distinct from mine.time_zone
        where mine.id = $3) as twin`,
    [route['trunk'], tenant ?? null, route['id']],
  );
  const [row] = rows;
  return { hasTrunk: row?.has_trunk ?? false, twin: row?.twin ?? undefined };
}
