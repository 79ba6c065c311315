import type { Queryable } from './queryable.ts';

/** Addresses of our proxies and of our nodes' SIP and event sockets; of a host name, the one at which it was reached. */
export async function readKnownPeers(
  client: Queryable,
): Promise<{ address: string; prefix: number | null }[]> {
  const { rows } = await client.query<{ address: string; prefix: number | null }>(
    `select host(address) as address, masklen(address) as prefix from proxies
     union all select esl_host, null from nodes
     union all select host(address), null from node_addresses
     union all select (regexp_match(sip_uri, '^sips?:\\[?([0-9a-fA-F.:]+?)\\]?(?::[0-9]+)?(?:;|$)'))[1], null
       from nodes where sip_uri is not null`,
  );
  return rows.filter(({ address }) => address !== null);
}

/** The tenants of domains, and the domains of DIDs, among these; the domains of the DIDs are looked up as well. */
export async function readOwners(
  client: Queryable,
  { hosts, dids }: { hosts: readonly string[]; dids: readonly string[] },
): Promise<{ tenants: Map<string, string>; dids: Map<string, string> }> {
  const { rows } = await client.query<{ did: string | null; domain: string; tenant: string }>({
    name: 'owners_read',
    text: `select null as did, name::text as domain, tenant::text from domains where name = any ($1::text[])
     union all
     select did::text, domain::text, tenant::text from did_routing join domains on domains.name = did_routing.domain
     where did = any ($2::text[]) and active`,
    values: [hosts, dids],
  });
  return {
    tenants: new Map(rows.map(({ domain, tenant }) => [domain, tenant])),
    dids: new Map(rows.flatMap(({ did, domain }) => (did === null ? [] : [[did, domain] as const]))),
  };
}
