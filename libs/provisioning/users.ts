import type { Pool, PoolClient } from 'pg';
import { CodedError } from '../errors/coded-error.ts';
import { transaction } from '../postgres/transaction.ts';
import { digestsOf } from './digest.ts';
import { ensureDomain } from './domains.ts';
import { insertUser } from './users.sql.ts';
import { checkDisplayName, checkDomain, checkName, checkUserId } from './value.ts';
import { withViolations } from './violation.ts';

/** A directory entry as somebody adds it. */
export interface NewUser {
  user: string;
  domain: string;
  /** never stored: HA1 = MD5(user:domain:password) is */
  password: string;
  /** of the domain, when that is new; `default` otherwise */
  tenant?: string | undefined;
  numberAlias?: string | undefined;
  callerIdName?: string | undefined;
  callerIdNumber?: string | undefined;
  context?: string | undefined;
  accountcode?: string | undefined;
  /** checked as MD5 of the same form, never stored */
  voicemailPassword?: string | undefined;
}

const MIN_PASSWORD = 4;
const MAX_PASSWORD = 256;

/**
 * Adds a user, and its domain when that is new. Returns its address.
 * @throws CodedError `value-refused`, `already-exists`, `not-found` (tenant)
 */
export async function addUser(
  pool: Pool | PoolClient,
  user: NewUser,
): Promise<{ user: string; domain: string }> {
  const row = checkUser(user);
  const address = { user: row.user_id, domain: row.domain };
  await transaction(pool, async (client) => {
    await ensureDomain(client, { name: row.domain, tenant: user.tenant });
    const exists = `there already is a user or number alias ${row.user_id}@${row.domain}`;
    await withViolations({ exists }, () => insertUser(client, row));
  });
  return address;
}

function checkUser(user: NewUser) {
  const userId = checkUserId(user.user);
  const domain = checkDomain(user.domain);
  const digests = (password: string) =>
    digestsOf({ user: userId, domain, password: checkPassword(password) });
  return {
    user_id: userId,
    domain,
    ...digests(user.password),
    number_alias: optional(user.numberAlias, checkUserId),
    caller_id_name: optional(user.callerIdName, (value) => checkDisplayName('caller id name', value)),
    caller_id_number: optional(user.callerIdNumber, checkCallerNumber),
    context: optional(user.context, (value) => checkName('context', value)),
    accountcode: optional(user.accountcode, (value) => checkName('account code', value)),
    vm_a1_hash: optional(user.voicemailPassword, (value) => digests(value).ha1),
  };
}

/** A SIP password. @throws CodedError `value-refused` */
export function checkPassword(password: string): string {
  const isFit =
    password.length >= MIN_PASSWORD && password.length <= MAX_PASSWORD && !/\p{Cc}/u.test(password);
  if (isFit) return password;
  throw new CodedError(
    'value-refused',
    `the password must have ${MIN_PASSWORD} to ${MAX_PASSWORD} characters and no control characters`,
    { details: { field: 'password' } },
  );
}

/** A caller id number. @throws CodedError `value-refused` */
export function checkCallerNumber(value: string): string {
  if (/^\+?[0-9*#]{1,32}$/.test(value)) return value;
  throw new CodedError('value-refused', `caller id number ${JSON.stringify(value)} must be digits`, {
    details: { field: 'caller id number' },
  });
}

function optional<T>(value: string | undefined, check: (value: string) => T): T | null {
  return value === undefined ? null : check(value);
}
