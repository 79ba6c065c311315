import type { ClientBase } from 'pg';
import type { RepeatedRequest } from './repeated-request.ts';
import type { Written } from './write-items.ts';

/** Takes a key for a request; false: it was taken before. Waits for a transaction that is taking it. */
export async function claimKey(client: ClientBase, { token, key, hash }: RepeatedRequest): Promise<boolean> {
  const { rowCount } = await client.query(
    'insert into api_idempotency (token, key, request_hash) values ($1, $2, $3) on conflict do nothing',
    [token, key, hash],
  );
  return rowCount === 1;
}

/** What a key was taken for, and the answer that was given. */
export async function readAnswer(
  client: ClientBase,
  { token, key }: RepeatedRequest,
): Promise<{ request_hash: string; answer: Written | null } | undefined> {
  const { rows } = await client.query(
    'select request_hash, answer from api_idempotency where token = $1 and key = $2',
    [token, key],
  );
  return rows[0];
}

/** Writes down the answer. */
export async function updateAnswer(
  client: ClientBase,
  { token, key }: RepeatedRequest,
  answer: Written,
): Promise<void> {
  await client.query('update api_idempotency set answer = $3 where token = $1 and key = $2', [
    token,
    key,
    JSON.stringify(answer),
  ]);
}

/** Forgets keys of yesterday, a few at a time: the table holds a day's creates. */
export async function deleteOldKeys(client: ClientBase): Promise<void> {
  await client.query(
    `delete from api_idempotency where (token, key) in (
       select token, key from api_idempotency where created_at < now() - interval '1 day'
       order by created_at limit 100 for update skip locked)`,
  );
}
