/** Params that decide who gets in and where calls go: ours alone, whatever free params say. */
const RESERVED = new Set([
  'a1-hash',
  'allow-empty-password',
  'auth-acl',
  'auto-aleg',
  'dial-string',
  'group-dial-string',
  'http-allowed-api',
  'jsonrpc-allowed-methods',
  'jsonrpc-allowed-event-channels',
  'jsonrpc-allowed-fsapi',
  'live-array',
  'password',
  'vm-a1-hash',
  'vm-password',
]);
const RESERVED_PREFIXES = ['esl-', 'reverse-auth-', 'jsonrpc-', 'verto-', 'cacheable'];

/** Whether a free param of this name would override what we answer for. Names match case-insensitively. */
export function isReservedParam(name: string): boolean {
  const folded = name.toLowerCase();
  return RESERVED.has(folded) || RESERVED_PREFIXES.some((prefix) => folded.startsWith(prefix));
}
