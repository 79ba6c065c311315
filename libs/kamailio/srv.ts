import { isIP } from 'node:net';
import { splitAddress } from '../routing/source-index.ts';

/** A node as DNS tells it. */
export interface SrvNode {
  switchname: string;
  /** `sip:192.0.2.10:5060;transport=tcp` */
  sipUri: string;
  priority: number;
  weight: number;
}

export interface SrvZone {
  domain: string;
  ttlSeconds: number;
  nodes: readonly SrvNode[];
}

/**
 * Zone lines (RFC 2782) by which phones and carriers find the nodes of a domain. SRV names a host and never an address, so
 * a node that is known by its address gets a name below the domain. DNS prefers the lower priority, we the higher one.
 */
export function srvLines({ domain, ttlSeconds, nodes }: SrvZone): string {
  const highest = Math.max(0, ...nodes.map(({ priority }) => priority));
  const services: string[] = [];
  const hosts: string[] = [];
  for (const node of nodes) {
    const { host, port, transport, isSecure } = readUri(node.sipUri);
    const name = isIP(host) === 0 ? `${host}.` : `${labelOf(node.switchname)}.${domain}.`;
    const service = `${isSecure ? '_sips._tcp' : `_sip._${transport}`}.${domain}.`;
    services.push(
      `${service} ${ttlSeconds} IN SRV ${highest - node.priority} ${node.weight} ${port} ${name}`,
    );
    if (isIP(host) === 4) hosts.push(`${name} ${ttlSeconds} IN A ${host}`);
    if (isIP(host) === 6) hosts.push(`${name} ${ttlSeconds} IN AAAA ${host}`);
  }
  return [...services, ...hosts, ''].join('\n');
}

function readUri(uri: string) {
  const [place = '', ...parameters] = uri.replace(/^sips?:/i, '').split(';');
  const { host, port } = splitAddress(place);
  const transport = parameters.find((parameter) => parameter.startsWith('transport='))?.slice(10) ?? 'udp';
  const isSecure = transport === 'tls' || /^sips:/i.test(uri);
  return { host, port: port ?? (isSecure ? '5061' : '5060'), transport, isSecure };
}

/** A switchname may hold what a host name may not. */
function labelOf(switchname: string): string {
  return (
    switchname
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]+/g, '-')
      .replaceAll(/^-+|-+$/g, '') || 'node'
  );
}
