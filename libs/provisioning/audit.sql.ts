import type { ClientBase, Pool } from 'pg';
import type { Role } from './role.ts';

/** Something that somebody changed or opened. */
export interface AuditEntry {
  /** name of the token, or `cli:<user>` */
  actor: string;
  role: Role;
  address?: string | undefined;
  /** create, update, delete, revoke, drain, …, or open for what is only read */
  action: string;
  /** kind of thing: `users`, `recordings`, … */
  resource: string;
  /** which one: the parts of its key, with slashes between */
  key: string;
  /** whose it is; null: the fleet's */
  tenant: string | null;
  /** without secrets; null: not there */
  before?: unknown;
  after?: unknown;
  /** names of secrets that were set */
  secrets?: readonly string[];
}

/** Writes entries, in the transaction of what they tell. */
export async function insertAudit(client: ClientBase | Pool, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await client.query(
    `insert into audit_log (actor, role, address, action, resource, key, tenant, before, after, secrets)
     select actor, role, address, action, resource, key, tenant, nullif(before, 'null'), nullif(after, 'null'), coalesce(secrets, '{}')
     from jsonb_populate_recordset(null::audit_log, $1::jsonb)`,
    [JSON.stringify(entries)],
  );
}

/** An entry as it is shown. */
export interface AuditRow {
  id: string;
  at: string;
  actor: string;
  role: string;
  address: string | null;
  action: string;
  resource: string;
  key: string;
  tenant: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  secrets: string[];
}

export interface AuditQuestion {
  /** only what is this tenant's; undefined: all */
  tenant?: string | undefined;
  actor?: string | undefined;
  action?: string | undefined;
  resource?: string | undefined;
  key?: string | undefined;
  /** RFC 3339 */
  from?: string | undefined;
  to?: string | undefined;
  /** entries older than this one */
  beforeId?: string | undefined;
  limit: number;
}

/** Entries, newest first. */
export async function readAudit(pool: Pool, question: AuditQuestion): Promise<AuditRow[]> {
  const { tenant, actor, action, resource, key, from, to, beforeId, limit } = question;
  const { rows } = await pool.query<AuditRow>(
    `select id::text, to_json(at) #>> '{}' as at, actor, role,
       case when $1::text is null then address end as address, action, resource, key, tenant, before, after, secrets
     from audit_log
     where ($1::text is null or tenant = $1) and ($2::text is null or actor = $2) and ($3::text is null or action = $3)
       and ($4::text is null or resource = $4) and ($5::text is null or key = $5)
       and ($6::timestamptz is null or at >= $6) and ($7::timestamptz is null or at < $7)
       and ($8::bigint is null or id < $8)
     order by audit_log.id desc limit $9`,
    [tenant, actor, action, resource, key, from, to, beforeId]
      .map((value): unknown => value ?? null)
      .concat(limit),
  );
  return rows;
}

/** Rows of one statement: a retention that was shortened must not hold locks for long. */
const BATCH = 5_000;

/** Removes entries that are older than so many days. Returns how many. */
export async function deleteOldAudit(pool: Pool, days: number): Promise<number> {
  let deleted = 0;
  for (let more = true; more; ) {
    const { rowCount } = await pool.query(
      `delete from audit_log where id in (
         select id from audit_log where at < now() - $1::integer * interval '1 day' order by at limit ${BATCH})`,
      [days],
    );
    deleted += rowCount ?? 0;
    more = rowCount === BATCH;
  }
  return deleted;
}
