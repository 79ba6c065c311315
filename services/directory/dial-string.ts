import type { DomainRow } from '../../libs/snapshot/tables/domains.ts';
import type { UserRow } from '../../libs/snapshot/tables/users.ts';

/** What may stand in a dial-string: neither name can hold a separator, a quote, a bracket or a dollar. */
const USER = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/;
const DOMAIN = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/**
 * How `user/1001@domain` is called: at every contact that is registered on the node that asks. Built from the stored
 * names, which are checked again here, and never from what was dialled or from a phone's Contact, because FreeSWITCH
 * expands it. An administrator may set another one for a domain. Undefined: a name is not fit for it.
 */
export function dialString(user: UserRow, domain: DomainRow): string | undefined {
  if (domain.dial_string !== null) return domain.dial_string;
  if (!USER.test(user.user_id) || !DOMAIN.test(user.domain)) return undefined;
  const address = `${user.user_id}@${user.domain}`;
  return `{^^:sip_invite_domain=${user.domain}:presence_id=${address}}\${sofia_contact(*/${address})}`;
}
