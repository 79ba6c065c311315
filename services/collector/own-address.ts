import { BlockList, isIP } from 'node:net';
import type { Api } from './snapshot.ts';

/** What FreeSWITCH found out about itself when it started, or was told in its vars.xml. */
const OWN = ['local_ip_v4', 'local_ip_v6'] as const;

/** Addresses that mean something on one machine or link only, and nobody alone; table `node_addresses` refuses them, too. */
const NOBODYS = blockListOf([
  ['0.0.0.0', 8, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 127, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
]);

/**
 * The address at which a node was reached, when the node itself calls it its own; else null. One that it does not know is
 * a tunnel's, a proxy's, a NAT's or a container gateway's: others come from there as well, and would be taken for the node.
 * @throws CodedError those of `api`
 */
export async function ownAddress(api: Api, reached: string | undefined): Promise<string | null> {
  const address = (reached ?? '').replace(/^::ffff:(?=[0-9.]+$)/i, '');
  const family = familyOf(address);
  if (family === undefined || NOBODYS.check(address, family)) return null;
  for (const name of OWN) {
    const own = (await api(`global_getvar ${name}`)).trim();
    if (isSame(address, own)) return address;
  }
  return null;
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  // a zone (fe80::1%eth0) means something on this machine only
  if (address.includes('%')) return undefined;
  const version = isIP(address);
  if (version === 0) return undefined;
  return version === 4 ? 'ipv4' : 'ipv6';
}

/** However an IPv6 address is written. */
function isSame(left: string, right: string): boolean {
  const family = familyOf(left);
  if (family === undefined || familyOf(right) !== family) return false;
  return blockListOf([[right, family === 'ipv4' ? 32 : 128, family]]).check(left, family);
}

function blockListOf(networks: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix, family] of networks) list.addSubnet(network, prefix, family);
  return list;
}
