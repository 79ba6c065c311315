import type { Pool, PoolClient } from 'pg';
import { CodedError } from '../errors/coded-error.ts';
import { transaction } from '../postgres/transaction.ts';
import type { SecretBox } from '../sealing/secret-box.ts';
import { checkPairs, type PairChange } from './pairs.ts';
import type { PairRole } from './reserved-params.ts';
import { type ColumnChanges, updateEntry } from './update.sql.ts';
import { checkDisplayName, checkDomain, checkName, checkNetwork, checkText, checkUserId } from './value.ts';
import { withViolations } from './violation.ts';
import { voicemailHash } from './voicemail.ts';

/** What may be changed of a user; what is undefined stays, null takes away. */
export interface UserChanges {
  enabled?: boolean | undefined;
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
  const columns = { ...plainColumns(changes), ...secretColumns(changes, { user, domain }, by) };
  const maps = [...checkPairs(changes.pairs ?? [], by.role)].map(([kind, change]) => [COLUMNS[kind], change]);
  const all: ColumnChanges = { ...columns, ...Object.fromEntries(maps) };
  const entry = {
    table: 'users',
    where: 'domain = $1 and lower(user_id) = lower($2)',
    keys: [domain, user],
  } as const;
  const isFound = await withViolations({ exists: 'another user has this' }, () =>
    transaction(pool, (client) => updateEntry(client, entry, all)),
  );
  if (!isFound) throw new CodedError('not-found', `there is no user ${user}@${domain}`);
}

function plainColumns(changes: UserChanges): ColumnChanges {
  const { callerIdName: name, callerIdNumber: number, context, cidrs, voicemailMailto: mailto } = changes;
  return present({
    enabled: changes.enabled,
    caller_id_name: name && checkDisplayName('caller id name', name),
    caller_id_number: number && checkText('caller id number', number),
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
  const { voicemailPassword: password, reverseAuth, eslPassword } = changes;
  return present({
    vm_a1_hash: password === undefined ? undefined : voicemailHash({ user, domain, password }),
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
