import type { ClientBase } from 'pg';
import { CodedError } from '../../errors/coded-error.ts';
import { claimKey, deleteOldKeys, readAnswer, updateAnswer } from './repeat.sql.ts';
import type { RepeatedRequest } from './repeated-request.ts';
import type { Written } from './write-items.ts';

/**
 * The answer to the same request when it came before, without the secrets that were shown then. A request of the same key
 * that is under way is waited for. @throws CodedError `idempotency-key-reused`: the key came with another request
 */
export async function recallAnswer(
  client: ClientBase,
  request: RepeatedRequest,
): Promise<Written | undefined> {
  await deleteOldKeys(client);
  if (await claimKey(client, request)) return undefined;
  const earlier = await readAnswer(client, request);
  if (earlier?.request_hash === request.hash && earlier.answer !== null) return earlier.answer;
  throw new CodedError('idempotency-key-reused', 'this Idempotency-Key came with another request before');
}

/** Keeps an answer for whoever asks the same again. */
export async function keepAnswer(
  client: ClientBase,
  request: RepeatedRequest,
  written: Written,
): Promise<void> {
  const shown = Object.fromEntries(Object.keys(written.shown).map((name) => [name, null]));
  await updateAnswer(client, request, { ...written, shown });
}
