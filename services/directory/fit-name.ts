/**
 * What may stand in a dial-string, an action or a gateway: none of these can hold a separator, a quote, a bracket or a
 * dollar. The database's checks say the same; they are made again where a value is put there.
 */
const USER = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/;
const DOMAIN = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const HOST = /^[A-Za-z0-9][A-Za-z0-9.:-]{0,252}$/;
const SIP_URI = /^sips?:[A-Za-z0-9.:[\]-]+(?:;transport=(?:udp|tcp|tls))?$/;

/** The id of a directory entry. */
export function isFitUser(text: string): boolean {
  return USER.test(text);
}

/** A SIP domain in lower case. */
export function isFitDomain(text: string): boolean {
  return DOMAIN.test(text);
}

/** The name of a tenant, a SIP profile, a gateway. */
export function isFitName(text: string): boolean {
  return NAME.test(text);
}

/** A host name or address. */
export function isFitHost(text: string): boolean {
  return HOST.test(text);
}

/** Where a node takes calls. */
export function isFitSipUri(text: string): boolean {
  return SIP_URI.test(text);
}
