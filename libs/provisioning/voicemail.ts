import type { Pool } from 'pg';
import { CodedError } from '../errors/coded-error.ts';
import { borrowClient } from '../snapshot/borrow-client.ts';
import { digestsOf } from './digest.ts';
import { awaitAnswer, updateVoicemailHash } from './voicemail.sql.ts';

/** What can be dialled. */
const DIGITS = /^[0-9]{4,20}$/;
/** A caller waits for it. */
const WRITE_MS = 1_500;

interface NewPassword {
  user: string;
  domain: string;
  password: string;
}

/** What is stored of a mailbox password: MD5(user:domain:password). @throws CodedError `value-refused` */
export function voicemailHash({ user, domain, password }: NewPassword): string {
  if (!DIGITS.test(password)) {
    throw new CodedError('value-refused', 'a voicemail password is 4 to 20 digits', {
      details: { field: 'voicemail password' },
    });
  }
  return digestsOf({ user, domain, password }).ha1;
}

/**
 * Stores a new password of a mailbox, as its owner sets it. False: there is no such user who may change it.
 * @throws CodedError `value-refused`, `database-timeout`
 */
export async function setVoicemailPassword(pool: Pool, change: NewPassword): Promise<boolean> {
  const { user, domain } = change;
  const hash = voicemailHash(change);
  return borrowClient(pool, WRITE_MS, async (client) => {
    await awaitAnswer(client);
    return updateVoicemailHash(client, { user, domain, hash });
  });
}
