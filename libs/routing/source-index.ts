import { isIP } from 'node:net';
import type { Source } from './entities.ts';
import { NetworkTable } from './network-table.ts';

/** Addresses that somebody of ours calls from. */
export interface SourceAddress {
  source: Source;
  /** an address or network; host names say nothing here */
  network: string;
  /** known only where calls come from the port that they go to */
  port?: number | undefined;
}

/** Says who sent a request, by its address. */
export interface SourceIndex {
  /** `address`: `192.0.2.1`, with or without `:port`. The port decides where several share an address. */
  find(address: string): Source | undefined;
}

/** Builds the index anew: there are few nodes, trunks and proxies, and they seldom change. */
export function createSourceIndex(addresses: Iterable<SourceAddress>): SourceIndex {
  const exact = new Map<string, Source>();
  const networks = new NetworkTable<Source | 'several'>();
  const seen = new Map<string, Source>();
  for (const { source, network, port } of addresses) {
    if (isIP(network.split('/')[0] ?? '') === 0) continue;
    if (port !== undefined) exact.set(`${network}:${port}`, source);
    const other = seen.get(network);
    seen.set(network, source);
    // Several behind one address: without the port nobody can say which, and a guess would mix up tenants.
    networks.set(network, other === undefined || other === source ? source : 'several');
  }
  function look(address: string): Source | undefined {
    const { host, port } = splitAddress(address);
    const named = port === undefined ? undefined : exact.get(`${host}:${port}`);
    const found = named ?? networks.get(host);
    return found === 'several' ? undefined : found;
  }

  const known = new Map<string, Source | undefined>();
  return {
    find: (address) => {
      if (known.has(address)) return known.get(address);
      if (known.size >= MAX_KNOWN) known.clear();
      const source = look(address);
      known.set(address, source);
      return source;
    },
  };
}

/** Most calls come from a few proxies and carriers: their addresses are read once. */
const MAX_KNOWN = 10_000;

/** `192.0.2.1:5060`, `[2001:db8::1]:5060`, or either without a port. */
export function splitAddress(address: string): { host: string; port: string | undefined } {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(address);
  if (bracketed?.[1] !== undefined) return { host: bracketed[1], port: bracketed[2] };
  const colon = address.indexOf(':');
  if (colon < 0 || address.indexOf(':', colon + 1) >= 0) return { host: address, port: undefined };
  return { host: address.slice(0, colon), port: address.slice(colon + 1) };
}
