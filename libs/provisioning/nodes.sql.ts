import type { Pool } from 'pg';

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
export async function insertNode(pool: Pool, node: NodeColumns): Promise<void> {
  await pool.query(
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
