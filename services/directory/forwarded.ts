import type { LookupForm } from '../../libs/freeswitch/xml/form.ts';
import { foldName } from '../../libs/freeswitch/xml/name.ts';
import type { UserRow } from '../../libs/snapshot/tables/users.ts';
import { FORWARDED_HEADER } from './dial-string.ts';

const FIELDS = [`variable_sip_h_${FORWARDED_HEADER}`, `sip_h_${FORWARDED_HEADER}`, FORWARDED_HEADER];

/**
 * Whether a call was sent here by another node for this very user. Who forges the header reaches the user on this node
 * only, which is no more than he could before.
 */
export function isForwarded(form: LookupForm, { user_id: user, domain }: UserRow): boolean {
  return FIELDS.some((name) => {
    const address = form.get(name);
    return address !== undefined && foldName(address) === foldName(`${user}@${domain}`);
  });
}
