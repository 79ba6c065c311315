import type { ClientBase } from 'pg';

/** The columns of a new user; the rest has defaults. */
export interface UserColumns {
  user_id: string;
  domain: string;
  ha1: string;
  ha1b: string;
  number_alias: string | null;
  caller_id_name: string | null;
  caller_id_number: string | null;
  context: string | null;
  accountcode: string | null;
  vm_a1_hash: string | null;
}

/** Adds one user. */
export async function insertUser(client: ClientBase, user: UserColumns): Promise<void> {
  await client.query(
    `insert into users (user_id, domain, ha1, ha1b, number_alias, caller_id_name, caller_id_number, context,
       accountcode, vm_a1_hash)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      user.user_id,
      user.domain,
      user.ha1,
      user.ha1b,
      user.number_alias,
      user.caller_id_name,
      user.caller_id_number,
      user.context,
      user.accountcode,
      user.vm_a1_hash,
    ],
  );
}

/** The user's id as it is stored, whatever case it is asked in; undefined: there is none. The row is locked. */
export async function readStoredId(
  client: ClientBase,
  { user, domain }: { user: string; domain: string },
): Promise<string | undefined> {
  const { rows } = await client.query<{ user_id: string }>(
    'select user_id from users where domain = $1 and lower(user_id) = lower($2) for update',
    [domain, user],
  );
  return rows[0]?.user_id;
}
