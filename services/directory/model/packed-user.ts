import type { UserRow } from '../../../libs/snapshot/tables/users.ts';

/** What most users have: kept in this order, absent ones as null. */
const COMMON = [
  'user_id',
  'number_alias',
  'ha1',
  'caller_id_name',
  'caller_id_number',
  'accountcode',
  'context',
  'toll_allow',
  'vm_a1_hash',
  'vm_mailto',
] as const satisfies (keyof UserRow)[];

/** What few users have otherwise than so. */
const RARE = {
  enabled: true,
  outbound_caller_id_name: null,
  outbound_caller_id_number: null,
  max_registrations: null,
  allowed_cidrs: null,
  vm_enabled: true,
  vm_may_change_password: true,
  reverse_auth_user: null,
  reverse_auth_password_encrypted: null,
  esl_password_encrypted: null,
  esl_allowed_log: false,
  esl_allowed_events: 'none',
  esl_allowed_api: 'none',
  vm_settings: null,
  params: null,
  variables: null,
} as const satisfies Partial<UserRow>;
const RARE_NAMES = Object.keys(RARE) as (keyof typeof RARE)[];

/**
 * One text for a user. As an object with a text for each column 200,000 users take three times the memory; reading one
 * back takes two microseconds of the hundred that a lookup takes.
 */
export function packUser(row: UserRow): string {
  const values: unknown[] = COMMON.map((name) => row[name]);
  const rare = Object.fromEntries(
    RARE_NAMES.filter((name) => row[name] !== RARE[name]).map((name) => [name, row[name]]),
  );
  if (Object.keys(rare).length > 0) values.push(rare);
  return JSON.stringify(values);
}

/** The user again, as it was. Written out: a loop over names costs five times as much, at every lookup. */
export function unpackUser(packed: string, domain: string, key: string): UserRow {
  const values: (string | null)[] = JSON.parse(packed);
  const row: UserRow = {
    domain,
    key,
    user_id: values[0] ?? '',
    number_alias: values[1] ?? null,
    ha1: values[2] ?? '',
    caller_id_name: values[3] ?? null,
    caller_id_number: values[4] ?? null,
    accountcode: values[5] ?? null,
    context: values[6] ?? null,
    toll_allow: values[7] ?? null,
    vm_a1_hash: values[8] ?? null,
    vm_mailto: values[9] ?? null,
    ...RARE,
  };
  return values.length === COMMON.length ? row : Object.assign(row, values[COMMON.length]);
}
