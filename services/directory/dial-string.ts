import { foldName } from '../../libs/freeswitch/xml/name.ts';
import { hostInUri } from '../../libs/network/uri-host.ts';
import type { DomainRow } from '../../libs/snapshot/tables/domains.ts';
import type { UserRow } from '../../libs/snapshot/tables/users.ts';
import { isFitDomain, isFitName, isFitSipUri, isFitUser } from './fit-name.ts';
import type { FleetBook } from './model/fleet-book.ts';
import type { Surroundings } from './surroundings.ts';

const DEFAULT_PROFILE = 'internal';

/** Says that a call was sent to the node of a user: whoever gets it looks nowhere else. Its value is the user's address. */
export const FORWARDED_HEADER = 'X-Switchfleet-Forwarded';

/** Who is called, and by whom it is asked. */
export interface Callee {
  user: UserRow;
  domain: DomainRow;
  /** switchname of the node that calls */
  asker: string;
  /** the call came from another node that was sent here for this user */
  isForwarded: boolean;
  /** the asker sees whether a call was forwarded, so phones on several nodes can all ring */
  tellsForwarded: boolean;
}

/**
 * How `user/1001@domain` is called: on the node that asks when the user is registered there (or nowhere), else by the
 * node where it is, never by a phone's Contact. Built from names that are checked again here, because FreeSWITCH
 * expands it. Where the user is registered here the call goes nowhere else, whatever other nodes say: so a registration
 * that is long gone costs one hop and never a loop. An administrator may set another one for a domain. Undefined: a
 * name is not fit for it.
 */
export function dialString(callee: Callee, surroundings: Surroundings): string | undefined {
  const { user, domain } = callee;
  if (domain.dial_string !== null) return domain.dial_string;
  if (!isFitUser(user.user_id) || !isFitDomain(user.domain)) return undefined;
  const address = `${user.user_id}@${user.domain}`;
  return `{^^:${variables(user, address)}}${targets(callee, address, surroundings)}`;
}

/** `dialed_user` says whose phone a leg rings: the `user/` endpoint sets it by itself, a bridge of our dialplan's would not. */
function variables({ user_id: id, domain }: UserRow, address: string): string {
  return `sip_invite_domain=${domain}:presence_id=${address}:dialed_user=${id}:dialed_domain=${domain}`;
}

function targets(callee: Callee, address: string, { model, forwardVia }: Surroundings): string {
  const { user, asker, isForwarded, tellsForwarded } = callee;
  const local = `\${sofia_contact(*/${address})}`;
  const nodes = model.registrations.nodesOf(user.domain, user.user_id);
  const others = nodes.filter((node) => foldName(node) !== foldName(asker));
  const isHere = others.length < nodes.length;
  if (isForwarded || others.length === 0 || (isHere && !tellsForwarded)) return local;
  const profile = model.fleet.node(asker)?.sip_profile ?? DEFAULT_PROFILE;
  const remote = forwardTargets(others, model.fleet, forwardVia).map(
    (target) =>
      `[^^:sip_h_${FORWARDED_HEADER}=${address}]sofia/${profile}/${address};fs_path=${encodeURIComponent(target)}`,
  );
  if (remote.length === 0 || !isFitName(profile)) return local;
  return (isHere ? [local, ...remote] : remote).join(',');
}

/** SIP URIs of the nodes, or of the proxy that finds them. Nodes whose address nobody stored are left out. */
function forwardTargets(
  nodes: readonly string[],
  fleet: FleetBook,
  via: Surroundings['forwardVia'],
): string[] {
  const proxy = via === 'proxy' ? proxyUri(fleet) : undefined;
  if (proxy !== undefined) return [proxy];
  return nodes.flatMap((node) => {
    const uri = fleet.node(node)?.sip_uri ?? '';
    return isFitSipUri(uri) ? [uri] : [];
  });
}

/** The SIP URI of the proxy that calls of nodes pass; undefined: there is none. */
export function proxyUri(fleet: FleetBook): string | undefined {
  const proxy = fleet.proxyTarget();
  if (proxy === undefined) return undefined;
  return `sip:${hostInUri(proxy.host)}:${proxy.port}`;
}
