import type { Pool } from 'pg';

/** Whether a leg is a tenant's own. One that belongs to nobody is the administrator's. */
export async function isLegOfTenant(
  pool: Pool,
  { uuid, tenant }: { uuid: string; tenant: string },
): Promise<boolean> {
  const { rowCount } = await pool.query('select from legs where uuid = $1 and tenant = $2 limit 1', [
    uuid,
    tenant,
  ]);
  return rowCount === 1;
}
