import type { ClientBase, Pool } from 'pg';
import { CodedError } from '../errors/coded-error.ts';
import { insertProxy } from './proxies.sql.ts';
import { checkName, checkNetwork } from './value.ts';
import { withViolations } from './violation.ts';

/** One of our Kamailios as somebody adds it. */
export interface NewProxy {
  name: string;
  /** the address its SIP comes from, or a network */
  address: string;
  sipPort?: number | undefined;
  /** where it answers JSON-RPC */
  rpcUrl?: string | undefined;
}

/** Adds a proxy: from its address correlation headers count. @throws CodedError `value-refused`, `already-exists` */
export async function addProxy(pool: ClientBase | Pool, proxy: NewProxy): Promise<void> {
  const row = {
    name: checkName('name', proxy.name),
    address: checkNetwork('address', proxy.address),
    sip_port: proxy.sipPort ?? 5060,
    rpc_url: proxy.rpcUrl === undefined ? null : checkUrl(proxy.rpcUrl),
  };
  await withViolations({ exists: `there already is a proxy ${row.name}` }, () => insertProxy(pool, row));
}

function checkUrl(value: string): string {
  const url = URL.parse(value);
  if (url !== null && ['http:', 'https:'].includes(url.protocol)) return url.href;
  throw new CodedError('value-refused', 'the JSON-RPC URL must begin with http:// or https://', {
    details: { field: 'rpc url' },
  });
}
