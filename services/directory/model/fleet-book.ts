import { isIP } from 'node:net';
import { foldName } from '../../../libs/freeswitch/xml/name.ts';
import { NetworkTable } from '../../../libs/routing/network-table.ts';
import { addressOfUri } from '../../../libs/routing/source-index.ts';
import { handle, type TableHandler } from '../../../libs/snapshot/table.ts';
import { GATEWAYS, type GatewayRow } from '../../../libs/snapshot/tables/gateways.ts';
import { NODES, type NodeRow } from '../../../libs/snapshot/tables/nodes.ts';
import { PROXY_HOSTS, type ProxyHostRow } from '../../../libs/snapshot/tables/proxies.ts';

/** Our own servers, and the trunks that they register. */
export interface FleetBook {
  readonly handlers: readonly TableHandler[];
  /** By switchname. */
  node(switchname: string): NodeRow | undefined;
  /** Networks of all nodes and of all proxies, each in CIDR form. */
  nodeNetworks(): string[];
  proxyNetworks(): string[];
  /** The first proxy, by name, that stands at one address: where calls of nodes go that shall pass a proxy. */
  proxyTarget(): { host: string; port: number } | undefined;
  /** Whether an address is one of our nodes or proxies. */
  isOurs(address: string): boolean;
  /** The trunks that a node registers, by name. */
  gatewaysOf(switchname: string): GatewayRow[];
}

export function createFleetBook(): FleetBook {
  const nodes = new Map<string, NodeRow>();
  const proxies = new Map<string, ProxyHostRow>();
  const gateways = new Map<string, GatewayRow>();
  let ours: NetworkTable<true> | undefined;

  function table<Row extends { key: string }>(rows: Map<string, Row>) {
    return {
      put: (row: Row) => {
        rows.set(foldName(row.key), row);
        ours = undefined;
      },
      remove: (_domain: string | null, key: string) => {
        rows.delete(foldName(key));
        ours = undefined;
      },
    };
  }

  const nodeNetworks = () => sorted([...nodes.values()].flatMap(networksOf));
  const proxyNetworks = () => sorted([...proxies.values()].map(({ address }) => address));
  return {
    handlers: [
      handle(NODES, table(nodes)),
      handle(PROXY_HOSTS, table(proxies)),
      handle(GATEWAYS, table(gateways)),
    ],
    node: (switchname) => nodes.get(foldName(switchname)),
    nodeNetworks,
    proxyNetworks,
    proxyTarget: () => {
      const single = byKey(proxies).find(({ address }) => /^[^:]+\/32$|:.*\/128$/.test(address));
      return single && { host: single.address.replace(/\/\d+$/, ''), port: single.sip_port };
    },
    isOurs: (address) => {
      ours ??= tableOf([...nodeNetworks(), ...proxyNetworks()]);
      return ours.get(address) === true;
    },
    gatewaysOf: (switchname) =>
      byKey(gateways).filter(({ registers_on: node }) => foldName(node) === foldName(switchname)),
  };
}

/** Where a node's SIP and its event socket are: of a host name, the address at which it was reached. */
function networksOf({ sip_uri: uri, esl_host: esl, esl_address: reached }: NodeRow): string[] {
  const sip = addressOfUri(uri).host;
  return [sip, esl, reached ?? '']
    .filter((host) => isIP(host) !== 0)
    .map((host) => `${host}/${isIP(host) === 6 ? 128 : 32}`);
}

function tableOf(networks: readonly string[]): NetworkTable<true> {
  const made = new NetworkTable<true>();
  for (const network of networks) made.set(network, true);
  return made;
}

function byKey<Row extends { key: string }>(rows: ReadonlyMap<string, Row>): Row[] {
  return [...rows.values()].sort((left, right) => (left.key < right.key ? -1 : 1));
}

function sorted(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
