import { hostInUri } from '../network/uri-host.ts';
import { splitAddress } from '../routing/source-index.ts';

/** mod_event_socket's own default */
const ESL_PORT = 8021;

/** Where the event socket of a server that showed up is likely to listen. */
export interface SeenPlace {
  host: string;
  port: number;
}

/**
 * Reads where a server was seen: the collector tells the host and port of an event socket, the directory an address only.
 * Undefined: it was not told.
 */
export function placeOf(address: string | null): SeenPlace | undefined {
  if (address === null || address === '') return undefined;
  const { host, port = String(ESL_PORT) } = splitAddress(address);
  return { host, port: Number(port) };
}

/** Where the calls of a server at this host go, unless somebody says otherwise. */
export function sipUriOf(host: string): string {
  return `sip:${hostInUri(host)}:5060`;
}
