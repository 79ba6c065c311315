import type { Pool } from 'pg';

export type SecretKind = 'session' | 'link';

/** More sessions than this are not kept: the oldest end first. */
const MOST_SESSIONS = 10_000;

export interface NewSecret {
  hash: string;
  kind: SecretKind;
  sealedToken: string;
  seconds: number;
}

/** Adds a session or a link, and removes those whose time is over. */
export async function insertSecret(
  pool: Pool,
  { hash, kind, sealedToken, seconds }: NewSecret,
): Promise<Date> {
  await pool.query(
    `delete from console_sessions where expires_at <= now()
       or hash in (select hash from console_sessions order by created_at desc offset $1)`,
    [MOST_SESSIONS - 1],
  );
  const { rows } = await pool.query<{ expires_at: Date }>(
    `insert into console_sessions (hash, kind, sealed_token, expires_at)
     values ($1, $2, $3, now() + $4 * interval '1 second') returning expires_at`,
    [hash, kind, sealedToken, seconds],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('insert returned nothing');
  return row.expires_at;
}

export interface StoredSession {
  sealed_token: string;
  expires_at: Date;
}

/** The session of this hash, unless its time is over. */
export async function readSession(pool: Pool, hash: string): Promise<StoredSession | undefined> {
  const { rows } = await pool.query<StoredSession>(
    `select sealed_token, expires_at from console_sessions
     where hash = $1 and kind = 'session' and expires_at > now()`,
    [hash],
  );
  return rows[0];
}

/** Removes a session or a link and gives what it held, if its time was not over: of two who take one link, one gets it. */
export async function takeSecret(pool: Pool, hash: string, kind: SecretKind): Promise<string | undefined> {
  const { rows } = await pool.query<{ sealed_token: string; counts: boolean }>(
    `delete from console_sessions where hash = $1 and kind = $2
     returning sealed_token, expires_at > now() as counts`,
    [hash, kind],
  );
  return rows[0]?.counts === true ? rows[0].sealed_token : undefined;
}
