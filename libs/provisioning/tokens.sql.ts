import type { ClientBase, Pool } from 'pg';
import type { Role } from './role.ts';

/** What a request needs to know of a token that counts. */
export interface KnownToken {
  id: string;
  name: string;
  role: Role;
  /** null: the whole fleet */
  tenant: string | null;
  /** its last use was noted a minute ago or longer */
  is_use_due: boolean;
}

/** The token of this hash, unless it was revoked or its time is over. */
export async function readKnownToken(pool: Pool, hash: string): Promise<KnownToken | undefined> {
  const { rows } = await pool.query<KnownToken>(
    `select id::text, name::text, role, tenant::text,
       coalesce(last_used_at < now() - interval '1 minute', true) as is_use_due
     from api_tokens
     where token_hash = $1 and revoked_at is null and (expires_at is null or expires_at > now())`,
    [hash],
  );
  return rows[0];
}

/** Notes that a token was used: at most one write a minute, whoever asks. */
export async function touchToken(pool: Pool, id: string): Promise<void> {
  await pool.query(
    `update api_tokens set last_used_at = now()
     where id = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')`,
    [id],
  );
}

export interface NewTokenColumns {
  name: string;
  hash: string;
  role: Role;
  tenant: string | null;
  /** null: never */
  expiresInDays: number | null;
  createdBy: string;
}

/** Adds a token; gives when it expires. */
export async function insertToken(
  client: ClientBase | Pool,
  { name, hash, role, tenant, expiresInDays, createdBy }: NewTokenColumns,
): Promise<{ id: string; expires_at: Date | null }> {
  const { rows } = await client.query<{ id: string; expires_at: Date | null }>(
    `insert into api_tokens (name, token_hash, role, tenant, expires_at, created_by)
     values ($1, $2, $3, $4, now() + $5::integer * interval '1 day', $6) returning id::text, expires_at`,
    [name, hash, role, tenant, expiresInDays, createdBy],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('insert returned nothing');
  return row;
}

/** A token as lists show it: everything but what would let somebody in. */
export interface TokenOverview {
  name: string;
  role: Role;
  tenant: string | null;
  created_at: Date;
  created_by: string;
  expires_at: Date | null;
  revoked_at: Date | null;
  last_used_at: Date | null;
}

/** All tokens by name; of one tenant, when one is given. */
export async function readTokens(pool: Pool, tenant?: string): Promise<TokenOverview[]> {
  const { rows } = await pool.query<TokenOverview>(
    `select name::text, role, tenant::text, created_at, created_by, expires_at, revoked_at, last_used_at
     from api_tokens where $1::text is null or tenant = $1 order by name`,
    [tenant ?? null],
  );
  return rows;
}

/** Ends a token for good; false when there is none of this name (and tenant) that counts. */
export async function updateRevoked(
  client: ClientBase | Pool,
  name: string,
  tenant?: string,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `update api_tokens set revoked_at = now()
     where name = $1 and revoked_at is null and ($2::text is null or tenant = $2)`,
    [name, tenant ?? null],
  );
  return rowCount === 1;
}
