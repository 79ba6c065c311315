import { isIP } from 'node:net';
import { handle, type TableHandler } from '../snapshot/table.ts';
import type { DestType } from '../snapshot/tables/did-routing.ts';
import { NODES, type NodeRow } from '../snapshot/tables/nodes.ts';
import type { Member, Source } from './entities.ts';
import { addressOfUri, createSourceIndex, type SourceAddress, type SourceIndex } from './source-index.ts';
import { DEST_TYPE_SETS, DISPATCH_MEMBERS, type MemberRow } from './tables/dispatch.ts';
import { PROXIES } from './tables/regions.ts';
import { TRUNKS, type TrunkRow } from './tables/trunks.ts';

/** Nodes, dispatch sets, trunks and proxies: the fleet itself. */
export interface FleetIndex {
  readonly handlers: readonly TableHandler[];
  node(switchname: string): NodeRow | undefined;
  nodeNames(): IterableIterator<string>;
  trunk(name: string): TrunkRow | undefined;
  /** The members of a set; undefined: there is no such set, or it has none. */
  members(setId: number): readonly Member[] | undefined;
  setOf(destType: DestType): number | undefined;
  /** Where calls go that nobody assigned: the lowest set that is not kept for a kind of destination, else every node. */
  defaultMembers(): readonly Member[];
  /** Everybody of ours who may have sent a request from an address. */
  sourcesOf(address: string): readonly Source[];
}

export function createFleetIndex(): FleetIndex {
  const nodes = new Map<string, NodeRow>();
  const trunks = new Map<string, TrunkRow>();
  const proxies = new Map<string, string>();
  const sets = new Map<number, readonly Member[]>();
  const typeSets = new Map<DestType, number>();
  let sources: SourceIndex | undefined;
  let defaults: readonly Member[] | undefined;

  /** What is derived from several tables is made again when it is next asked for. */
  function forget(): void {
    sources = undefined;
    defaults = undefined;
  }

  function putMember(row: MemberRow): void {
    const setId = Number(row.key);
    const others = (sets.get(setId) ?? []).filter((member) => member.node !== row.node);
    sets.set(setId, [...others, { node: row.node, priority: row.priority, weight: row.weight }]);
  }

  return {
    handlers: [
      handle(NODES, mapped(nodes, forget)),
      handle(TRUNKS, mapped(trunks, forget)),
      handle(PROXIES, {
        put: (row) => changed(() => proxies.set(row.key, row.address)),
        remove: (_domain, key) => changed(() => proxies.delete(key)),
      }),
      handle(DISPATCH_MEMBERS, {
        put: (row) => changed(() => putMember(row)),
        remove: (_domain, key) => changed(() => sets.delete(Number(key))),
      }),
      handle(DEST_TYPE_SETS, {
        put: (row) => changed(() => typeSets.set(row.key, row.set_id)),
        remove: (_domain, key) => changed(() => typeSets.delete(key as DestType)),
      }),
    ],
    node: (switchname) => nodes.get(switchname),
    nodeNames: () => nodes.keys(),
    trunk: (name) => trunks.get(name),
    members: (setId) => sets.get(setId),
    setOf: (destType) => typeSets.get(destType),
    defaultMembers: () => {
      defaults ??= chooseDefaults(nodes, sets, new Set(typeSets.values()));
      return defaults;
    },
    sourcesOf: (address) => {
      sources ??= createSourceIndex(addressesOf(nodes, trunks, proxies));
      return sources.find(address);
    },
  };

  function changed(change: () => unknown): void {
    change();
    forget();
  }
}

function mapped<Row extends { key: string }>(rows: Map<string, Row>, forget: () => void) {
  return {
    put: (row: Row) => {
      rows.set(row.key, row);
      forget();
    },
    remove: (_domain: string | null, key: string) => {
      rows.delete(key);
      forget();
    },
  };
}

const EVEN = { priority: 0, weight: 50 };

function chooseDefaults(
  nodes: ReadonlyMap<string, NodeRow>,
  sets: ReadonlyMap<number, readonly Member[]>,
  reserved: ReadonlySet<number>,
): readonly Member[] {
  const open = [...sets.keys()].filter((setId) => !reserved.has(setId)).sort((left, right) => left - right);
  if (open[0] !== undefined) return sets.get(open[0]) ?? [];
  const special = new Set([...reserved].flatMap((setId) => sets.get(setId) ?? []).map(({ node }) => node));
  const free = [...nodes.keys()].filter((node) => !special.has(node));
  return (free.length > 0 ? free : [...nodes.keys()]).map((node) => ({ node, ...EVEN }));
}

function* addressesOf(
  nodes: ReadonlyMap<string, NodeRow>,
  trunks: ReadonlyMap<string, TrunkRow>,
  proxies: ReadonlyMap<string, string>,
): Generator<SourceAddress> {
  for (const [name, address] of proxies) yield { source: { kind: 'proxy', name }, network: single(address) };
  for (const [name, node] of nodes) yield* nodeAddresses(name, node);
  for (const [name, trunk] of trunks) {
    const source = { kind: 'trunk', name } as const;
    yield { source, network: trunk.host, port: trunk.port };
    for (const network of trunk.inbound) yield { source, network: single(network) };
  }
}

function* nodeAddresses(
  name: string,
  { sip_uri: uri, esl_address: reached }: NodeRow,
): Generator<SourceAddress> {
  const { host, port } = addressOfUri(uri);
  // packets carry no names
  const address = isIP(host) === 0 ? reached : host;
  if (host !== '' && address !== null)
    yield { source: { kind: 'node', name }, network: address, port: Number(port ?? 5060) };
}

/** `192.0.2.1/32` is one address. */
function single(network: string): string {
  return network.replace(/\/32$|(?<=:.*)\/128$/, '');
}
