import type { Variables } from '../records/variables.ts';
import { firstValue } from './first-value.ts';

/** Where FreeSWITCH puts SIP headers: of the INVITE, of a provisional (18x) and of a final reply. */
const KINDS = ['sip_h_', 'sip_ph_', 'sip_rh_'] as const;
export type SipHeaderKind = (typeof KINDS)[number];

/**
 * Where a leg has headers of its own: an inbound one those of its INVITE, an outbound one those of the replies to it.
 * FreeSWITCH copies both to the other leg of a bridge, of which they say nothing.
 */
export function ownKinds(direction: string | null | undefined): readonly SipHeaderKind[] {
  if (direction === 'inbound') return ['sip_h_'];
  return direction === 'outbound' ? ['sip_ph_', 'sip_rh_'] : KINDS;
}

/**
 * The first value of a SIP header among a leg's variables, or undefined. Header names ignore case (RFC 3261 7.3.1),
 * and FreeSWITCH keeps the sender's.
 */
export function sipHeader(
  variables: Variables,
  header: string,
  kinds: readonly SipHeaderKind[] = KINDS,
): string | undefined {
  for (const kind of kinds) {
    const value = variables[kind + header] ?? ignoringCase(variables, (kind + header).toLowerCase());
    const first = firstValue(value);
    if (first !== undefined) return first;
  }
  return undefined;
}

function ignoringCase(variables: Variables, lowerName: string): string | string[] | undefined {
  for (const name in variables) {
    if (name.length === lowerName.length && name.toLowerCase() === lowerName) return variables[name];
  }
  return undefined;
}
