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
  /** Everybody who may have: the port of `192.0.2.1:5060` decides where several share an address and it is known. */
  find(address: string): readonly Source[];
}

/** Builds the index anew: there are few nodes, trunks and proxies, and they seldom change. */
export function createSourceIndex(addresses: Iterable<SourceAddress>): SourceIndex {
  const exact = new Map<string, readonly Source[]>();
  const byNetwork = new Map<string, readonly Source[]>();
  for (const { source, network, port } of addresses) {
    if (isIP(network.split('/')[0] ?? '') === 0) continue;
    if (port !== undefined) add(exact, `${network}:${port}`, source);
    add(byNetwork, network, source);
  }
  const networks = new NetworkTable<readonly Source[]>();
  for (const [network, sources] of byNetwork) networks.set(network, sources);
  function look(address: string): readonly Source[] {
    const { host, port } = splitAddress(address);
    const named = port === undefined ? undefined : exact.get(`${host}:${port}`);
    return named ?? networks.get(host) ?? NOBODY;
  }

  const known = new Map<string, readonly Source[]>();
  return {
    find: (address) => {
      const before = known.get(address);
      if (before !== undefined) return before;
      if (known.size >= MAX_KNOWN) known.clear();
      const sources = look(address);
      known.set(address, sources);
      return sources;
    },
  };
}

const NOBODY: readonly Source[] = [];

function add(all: Map<string, readonly Source[]>, key: string, source: Source): void {
  const present = all.get(key) ?? NOBODY;
  if (!present.includes(source)) all.set(key, [...present, source]);
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

/** The address in a node's SIP URI (`sip:192.0.2.1:5060;transport=tcp`), as `splitAddress` gives it; an empty host without one. */
export function addressOfUri(uri: string | null): ReturnType<typeof splitAddress> {
  return splitAddress(uri?.replace(/^sips?:/, '').split(';')[0] ?? '');
}
