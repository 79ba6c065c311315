import { BlockList, isIP } from 'node:net';
import type { CallContext } from '../../libs/calls/call-context.ts';
import type { Trust } from '../../libs/calls/correlation-keys.ts';
import type { Leg } from '../../libs/calls/leg.ts';
import type { Queryable } from '../../libs/store/queryable.ts';
import { readKnownPeers, readOwners } from '../../libs/store/surroundings.sql.ts';

/** What the merger knows of the fleet around a call. */
export interface Surroundings {
  trust: Trust;
}

/** Our proxies and nodes, from which a correlation header counts. */
export async function readTrust(client: Queryable): Promise<Trust> {
  const peers = new BlockList();
  for (const { address, prefix } of await readKnownPeers(client)) {
    const family = isIP(address);
    if (family !== 0)
      peers.addSubnet(address, prefix ?? (family === 4 ? 32 : 128), family === 4 ? 'ipv4' : 'ipv6');
  }
  return {
    isKnownPeer: (ip) => {
      const family = isIP(ip);
      return family !== 0 && peers.check(ip, family === 4 ? 'ipv4' : 'ipv6');
    },
  };
}

/** Whose the hosts and numbers of these legs are. */
export async function readContext(client: Queryable, legs: readonly Leg[]): Promise<CallContext> {
  const hosts = new Set(
    legs.flatMap(({ domain_name, to_host, req_host }) =>
      [domain_name, to_host, req_host].flatMap((host) => (host === null ? [] : [host.toLowerCase()])),
    ),
  );
  const numbers = new Map(
    legs.flatMap(({ destination_number: number }) => {
      const did = number === null ? undefined : asE164(number);
      return number === null || did === undefined ? [] : [[number, did] as const];
    }),
  );
  const { tenants, dids } = await readOwners(client, {
    hosts: [...hosts],
    dids: [...new Set(numbers.values())],
  });
  return {
    tenantOf: (domain) => tenants.get(domain),
    didOf: (number) => {
      const did = numbers.get(number);
      const domain = did === undefined ? undefined : dids.get(did);
      return did === undefined || domain === undefined ? undefined : { did, domain };
    },
  };
}

/** A number as carriers send DIDs: international, with a plus, with 00, or bare. */
function asE164(number: string): string | undefined {
  const digits = /^(?:\+|00)?([1-9]\d{2,14})$/.exec(number)?.[1];
  return digits === undefined ? undefined : `+${digits}`;
}
