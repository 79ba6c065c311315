import type { ClientBase, Pool } from 'pg';

export interface ProxyColumns {
  name: string;
  address: string;
  sip_port: number;
  rpc_url: string | null;
}

/** Adds one proxy; host bits of a network are cut off, as PostgreSQL's cidr wants it. */
export async function insertProxy(client: ClientBase | Pool, proxy: ProxyColumns): Promise<void> {
  await client.query(
    'insert into proxies (name, address, sip_port, rpc_url) values ($1, network($2::inet), $3, $4)',
    [proxy.name, proxy.address, proxy.sip_port, proxy.rpc_url],
  );
}
