import type { ClientBase } from 'pg';

/** Sets the hash of a mailbox; false when there is no user who has one and may change it. */
export async function updateVoicemailHash(
  client: ClientBase,
  { user, domain, hash }: { user: string; domain: string; hash: string },
): Promise<boolean> {
  const { rowCount } = await client.query(
    `update users set vm_a1_hash = $3
     where domain = $2 and lower(user_id) = lower($1) and enabled and vm_enabled and vm_may_change_password`,
    [user, domain, hash],
  );
  return rowCount === 1;
}

/** A server that has stopped finds what it was sent when it goes on: it is sent a write only when it has just answered. */
export async function awaitAnswer(client: ClientBase): Promise<void> {
  await client.query('select');
}
