import type { SnapshotRow, SnapshotTable } from '../table.ts';
import type { TextMap } from './domains.ts';

/** A directory entry; `key` is its id in lower case. */
export interface UserRow extends SnapshotRow {
  domain: string;
  user_id: string;
  number_alias: string | null;
  enabled: boolean;
  ha1: string;
  caller_id_name: string | null;
  caller_id_number: string | null;
  outbound_caller_id_name: string | null;
  outbound_caller_id_number: string | null;
  accountcode: string | null;
  context: string | null;
  toll_allow: string | null;
  max_registrations: number | null;
  /** addresses that need no password; null: none */
  allowed_cidrs: string[] | null;
  vm_enabled: boolean;
  vm_a1_hash: string | null;
  vm_may_change_password: boolean;
  vm_mailto: string | null;
  reverse_auth_user: string | null;
  reverse_auth_password_encrypted: string | null;
  esl_password_encrypted: string | null;
  esl_allowed_log: boolean;
  esl_allowed_events: string;
  esl_allowed_api: string;
  /** null: none, here and below */
  vm_settings: TextMap | null;
  params: TextMap | null;
  variables: TextMap | null;
}

// Empty lists and maps become null here: 200,000 users would each have four of them.
export const USERS: SnapshotTable<UserRow> = {
  name: 'users',
  select: `domain, lower(user_id) as key, user_id, number_alias, enabled, ha1, caller_id_name, caller_id_number,
    outbound_caller_id_name, outbound_caller_id_number, accountcode, context, toll_allow, max_registrations,
    nullif(allowed_cidrs, '{}')::text[] as allowed_cidrs, vm_enabled, vm_a1_hash, vm_may_change_password, vm_mailto,
    reverse_auth_user, reverse_auth_password_encrypted, esl_password_encrypted, esl_allowed_log, esl_allowed_events,
    esl_allowed_api, nullif(vm_settings, '{}') as vm_settings, nullif(params, '{}') as params,
    nullif(variables, '{}') as variables from users`,
  where: 'domain = $1 and lower(user_id) = any($2)',
};
