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
  allowed_cidrs: string[];
  vm_enabled: boolean;
  vm_a1_hash: string | null;
  vm_mailto: string | null;
  vm_settings: TextMap;
  params: TextMap;
  variables: TextMap;
}

export const USERS: SnapshotTable<UserRow> = {
  name: 'users',
  select: `domain, lower(user_id) as key, user_id, number_alias, enabled, ha1, caller_id_name, caller_id_number,
    outbound_caller_id_name, outbound_caller_id_number, accountcode, context, toll_allow, max_registrations,
    allowed_cidrs::text[], vm_enabled, vm_a1_hash, vm_mailto, vm_settings, params, variables from users`,
  where: 'domain = $1 and lower(user_id) = any($2)',
};
