import type { Pool } from '../../libs/postgres/database.ts';

/** How many live calls cross each node: of those that began in the last day, as metrics need no archaeology. */
export async function countLiveCalls(pool: Pool): Promise<Map<string, number>> {
  return counts(
    pool,
    `select node, count(*)::float8 as count from calls cross join unnest(nodes) as node
     where state = 'live' and merged_into is null and end_at is null and start_at > now() - interval '1 day'
     group by node`,
  );
}

/** How many contacts are registered on each node. */
export async function countRegistrations(pool: Pool): Promise<Map<string, number>> {
  return counts(
    pool,
    `select node, count(*)::float8 as count from registrations
     where not is_ended and (expires_at is null or expires_at > now()) group by node`,
  );
}

async function counts(pool: Pool, query: string): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ node: string; count: number }>(query);
  return new Map(rows.map(({ node, count }) => [node, count]));
}
