/** FreeSWITCH's own bound of what a leg is called by. */
export const MAX_UUID_LENGTH = 256;

/**
 * Whether a leg can be called so: by a uuid of FreeSWITCH's, by what `origination_uuid` made of it, or by a caller's Call-ID
 * (inbound-use-callid-as-uuid), some of which are base64: text without spaces or separators.
 */
export function isPlainUuid(text: string): boolean {
  return text.length <= MAX_UUID_LENGTH && /^[\w.:@+/=~%-]+$/.test(text);
}
