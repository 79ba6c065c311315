import { isVoicemailSetting } from './voicemail-settings.ts';

/** Params that decide who gets in, where calls go and what is executed: ours alone, whatever free params say. */
const RESERVED = new Set([
  'a1-hash',
  'allow-empty-password',
  'auth-acl',
  'auto-aleg',
  'dial-string',
  'group-dial-string',
  'http-allowed-api',
  'live-array',
  'max-registrations-per-extension',
  'password',
  'storage-dir',
  'vm-a1-hash',
  'vm-cc',
  'vm-convert-cmd',
  'vm-convert-ext',
  'vm-domain-storage-dir',
  'vm-enabled',
  'vm-mailto',
  'vm-password',
  'vm-storage-dir',
]);
const RESERVED_PREFIXES = [
  'esl-',
  'reverse-auth-',
  'jsonrpc-',
  'verto-',
  'cacheable',
  'sip-force-',
  'sip-allow-',
];

/** Variables that are made of the entry itself, and those by which FreeSWITCH runs something. */
const RESERVED_VARIABLES = new Set([
  'domain_name',
  'user_context',
  'accountcode',
  'toll_allow',
  'effective_caller_id_name',
  'effective_caller_id_number',
  'outbound_caller_id_name',
  'outbound_caller_id_number',
  'export_vars',
  'tenant',
]);
const RESERVED_VARIABLE_PREFIXES = [
  'api_',
  'bridge_',
  'exec',
  'group_confirm_',
  'record_',
  'sip_',
  'session_in_',
  'transfer_',
];

/** What a tenant's own people may set: nothing here opens a door, costs money or runs anything. */
const TENANT_PARAMS = new Set([
  'timezone',
  'directory-visible',
  'directory-exten-visible',
  'directory-announce',
]);
const TENANT_VARIABLES = new Set([
  'callgroup',
  'default_areacode',
  'default_language',
  'directory_full_name',
  'timezone',
]);

/** Who sets a param or variable: an administrator is bound by what is reserved only. */
export type PairRole = 'administrator' | 'tenant';

/** The kinds of free pairs that an entry has. */
export type PairKind = 'param' | 'variable' | 'voicemail';

/** Whether a free param of this name would override what we answer for. Names match case-insensitively. */
export function isReservedParam(name: string): boolean {
  return isAmong(name, RESERVED, RESERVED_PREFIXES);
}

/** Whether a free variable of this name would override ours, or make FreeSWITCH run something. */
export function isReservedVariable(name: string): boolean {
  return isAmong(name, RESERVED_VARIABLES, RESERVED_VARIABLE_PREFIXES);
}

/** Whether somebody may set a pair of this name. */
export function maySetPair(kind: PairKind, name: string, role: PairRole): boolean {
  if (kind === 'voicemail') return isVoicemailSetting(name);
  if (kind === 'param')
    return role === 'tenant' ? TENANT_PARAMS.has(name.toLowerCase()) : !isReservedParam(name);
  return role === 'tenant' ? TENANT_VARIABLES.has(name.toLowerCase()) : !isReservedVariable(name);
}

function isAmong(name: string, names: ReadonlySet<string>, prefixes: readonly string[]): boolean {
  const folded = name.toLowerCase();
  return names.has(folded) || prefixes.some((prefix) => folded.startsWith(prefix));
}
