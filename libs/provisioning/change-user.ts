import type { Pool, PoolClient } from 'pg';
import { CodedError } from '../errors/coded-error.ts';
import { transaction } from '../postgres/transaction.ts';
import type { SecretBox } from '../sealing/secret-box.ts';
import { digestsOf } from './digest.ts';
import { checkPairs, type PairChange } from './pairs.ts';
import type { PairRole } from './reserved-params.ts';
import { type ColumnChanges, updateEntry } from './update.sql.ts';
import { readStoredId } from './users.sql.ts';
import { checkCallerNumber, checkPassword } from './users.ts';
import { checkDisplayName, checkDomain, checkName, checkNetwork, checkText, checkUserId } from './value.ts';
import { withViolations } from './violation.ts';
import { voicemailHash } from './voicemail.ts';

/** What may be changed of a user; what is undefined stays, null takes away. */
export interface UserChanges {
  enabled?: boolean | undefined;
  /** never stored: hashes of it are */
  password?: string | undefined;
  numberAlias?: string | null | undefined;
  accountcode?: string | null | undefined;
  callerIdName?: string | null | undefined;
  callerIdNumber?: string | null | undefined;
  context?: string | null | undefined;
  /** addresses that let the user in without a password */
  cidrs?: readonly string[] | undefined;
  maxRegistrations?: number | null | undefined;
  voicemail?: boolean | undefined;
  voicemailPassword?: string | undefined;
  voicemailMailto?: string | null | undefined;
  reverseAuth?: { user: string; password: string } | undefined;
  eslPassword?: string | undefined;
  pairs?: readonly PairChange[] | undefined;
}

export interface ChangedBy {
  role: PairRole;
  /** seals what FreeSWITCH needs in plain text */
  box: () => SecretBox;
}

const COLUMNS = { param: 'params', variable: 'variables', voicemail: 'vm_settings' } as const;

/** Changes a user. @throws CodedError `value-refused`, `not-found` */
export async function changeUser(
  pool: Pool | PoolClient,
  address: { user: string; domain: string },
  changes: UserChanges,
  by: ChangedBy,
): Promise<void> {
  const user = checkUserId(address.user);
  const domain = checkDomain(address.domain);
  const plain = plainColumns(changes);
  const maps = [...checkPairs(changes.pairs ?? [], by.role)].map(([kind, change]) => [COLUMNS[kind], change]);
  const columnsOf = (stored: string): ColumnChanges => ({
    ...plain,
    ...secretColumns(changes, { user: stored, domain }, by),
    ...Object.fromEntries(maps),
  });
  const entry = {
    table: 'users',
    where: 'domain = $1 and lower(user_id) = lower($2)',
    keys: [domain, user],
  } as const;
  const isFound = await withViolations({ exists: 'another user has this' }, () =>
    transaction(pool, async (client) => {
      // hashes are made of the name as it is stored: FreeSWITCH is told that one
      const stored = await readStoredId(client, { user, domain });
      return stored !== undefined && (await updateEntry(client, entry, columnsOf(stored)));
    }),
  );
  if (!isFound) throw new CodedError('not-found', `there is no user ${user}@${domain}`);
}

function plainColumns(changes: UserChanges): ColumnChanges {
  const { callerIdName: name, callerIdNumber: number, context, cidrs, voicemailMailto: mailto } = changes;
  return present({
    enabled: changes.enabled,
    caller_id_name: name && checkDisplayName('caller id name', name),
    caller_id_number: number && checkCallerNumber(number),
    number_alias: changes.numberAlias && checkUserId(changes.numberAlias),
    accountcode: changes.accountcode && checkName('account code', changes.accountcode),
    context: context && checkName('context', context),
    allowed_cidrs: cidrs?.map((cidr) => checkNetwork('address', cidr)),
    max_registrations: changes.maxRegistrations,
    vm_enabled: changes.voicemail,
    vm_mailto: mailto,
  });
}

function secretColumns(
  changes: UserChanges,
  { user, domain }: { user: string; domain: string },
  { box }: ChangedBy,
): ColumnChanges {
  const { password, voicemailPassword, reverseAuth, eslPassword } = changes;
  const digests =
    password === undefined ? {} : digestsOf({ user, domain, password: checkPassword(password) });
  return present({
    ...digests,
    vm_a1_hash:
      voicemailPassword === undefined
        ? undefined
        : voicemailHash({ user, domain, password: voicemailPassword }),
    reverse_auth_user: reverseAuth && checkText('reverse auth user', reverseAuth.user),
    reverse_auth_password_encrypted: reverseAuth && box().seal(reverseAuth.password),
    esl_password_encrypted: eslPassword === undefined ? undefined : box().seal(eslPassword),
  });
}

/** Without what is undefined: that stays as it is. */
export function present(columns: Record<string, ColumnChanges[string] | undefined>): ColumnChanges {
  return Object.fromEntries(
    Object.entries(columns).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
