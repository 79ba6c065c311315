import type { Pool } from '../../../../libs/postgres/database.ts';

/** A configured node with what it takes to log in. */
export interface KnownNode {
  switchname: string;
  host: string;
  port: number;
  sealed: string;
  state: string;
}

/** Every configured node, at most 1,000. */
export async function readKnownNodes(pool: Pool): Promise<KnownNode[]> {
  const { rows } = await pool.query<KnownNode>(
    `select switchname::text, esl_host as host, esl_port as port, esl_password_encrypted as sealed, state
     from nodes order by switchname limit 1000`,
  );
  return rows;
}

/** How many legs of each node ended in the last hour, but for the last two minutes, and how many of them have a CDR. */
export async function readCdrShare(
  pool: Pool,
): Promise<Map<string, { ended: number; withCdr: number; lastCdr: number | null }>> {
  const { rows } = await pool.query<{ node: string; ended: number; withCdr: number; lastCdr: number | null }>(
    `with ended as (
       select node, count(*)::integer as ended,
         count(*) filter (where exists (select from cdr where cdr.uuid = legs.uuid and cdr.start_at = legs.start_at))::integer as with_cdr
       from legs where end_at between now() - interval '1 hour' and now() - interval '2 minutes'
         and start_at > now() - interval '6 hours' group by node
     ), newest as (
       select switch_name as node, extract(epoch from now() - max(end_at))::float8 as last_cdr
       from cdr where start_at > now() - interval '1 day' group by switch_name
     )
     select coalesce(ended.node, newest.node) as node, coalesce(ended, 0) as ended,
       coalesce(with_cdr, 0) as "withCdr", last_cdr as "lastCdr"
     from ended full join newest on newest.node = ended.node`,
  );
  return new Map(rows.map(({ node, ...share }) => [node, share]));
}
