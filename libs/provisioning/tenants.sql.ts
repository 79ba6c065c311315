import type { Queryable } from '../store/queryable.ts';

const MOST = 50;

/** In which time zones do tenants live? Of one tenant, or of all; each zone once, 50 at the most. */
export async function listTenantZones(database: Queryable, tenant: string | undefined): Promise<string[]> {
  const { rows } = await database.query<{ time_zone: string }>(
    `select distinct time_zone from tenants
     where time_zone is not null and ($1::text is null or name = $1) order by time_zone limit ${MOST}`,
    [tenant ?? null],
  );
  return rows.map(({ time_zone }) => time_zone);
}
