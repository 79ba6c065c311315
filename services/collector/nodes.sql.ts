import type { Pool } from '../../libs/postgres/database.ts';

/** A node as it is configured, its password still sealed. */
export interface ConfiguredNode {
  switchname: string;
  esl_host: string;
  esl_port: number;
  esl_password_encrypted: string;
}

/**
 * The nodes that are to be followed: all but the disabled ones. One that is disabled while calls are up is followed until the
 * last of its legs has ended: without a CDR nothing else would tell, and they would live for ever.
 */
export async function readNodes(pool: Pool): Promise<ConfiguredNode[]> {
  const { rows } = await pool.query<ConfiguredNode>(
    `select switchname::text, esl_host, esl_port, esl_password_encrypted
     from nodes
     where state <> 'disabled' or exists (
       select from legs where not is_settled and end_at is null and node = nodes.switchname::text
     )
     order by switchname`,
  );
  return rows;
}

/** Which of these names nobody configures any more: those of disabled nodes are not among them. */
export async function findRemoved(pool: Pool, names: readonly string[]): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select name from unnest($1::text[]) as name where not exists (select from nodes where switchname = name)`,
    [names],
  );
  return rows.map(({ name }) => name);
}
