import type { CallDetail } from '../../api/contract.ts';
import type { Leg } from '../../api/shapes.ts';

/** A vertical line of the ladder's head: a party outside, or a server. */
export interface Column {
  key: string;
  kind: 'party' | 'proxy' | 'node';
  label: string;
  /** legs that live in it, in their order; empty for a party */
  lanes: string[];
}

/** Where the signalling of a leg comes from or goes to. */
export type FarEnd = { leg: string } | { column: string };

/** The columns of a call, and to what each leg is connected. */
export interface Path {
  columns: Column[];
  far: ReadonlyMap<string, FarEnd>;
  /** by leg: the column of the proxy that its signalling goes over, where one is known */
  via: ReadonlyMap<string, string>;
}

/** Columns in the order of the SIP path: the caller, our proxies, the servers, who was called. */
export function pathOf(call: CallDetail): Path {
  const links = linkLegs(call.legs);
  const parties = new Map<string, Column>();
  const far = new Map<string, FarEnd>();
  for (const leg of call.legs) {
    const partner = links.get(leg.uuid);
    far.set(leg.uuid, partner === undefined ? { column: partyOf(leg, call, parties).key } : { leg: partner });
  }
  const [caller, ...others] = [...parties.values()];
  const first = caller === undefined ? [] : [caller];
  const columns = [...first, ...proxyColumns(call), ...nodeColumns(call), ...others];
  return { columns, far, via: viaOf(call.legs, links) };
}

/** Both ends of one SIP dialog: they have its Call-ID; where a proxy changed that, the path says who follows whom. */
function linkLegs(legs: readonly Leg[]): Map<string, string> {
  const links = new Map<string, string>();
  const link = (a: Leg, b: Leg) => links.set(a.uuid, b.uuid).set(b.uuid, a.uuid);
  const outbound = legs.filter(({ direction }) => direction === 'outbound');
  const free = (leg: Leg) => !links.has(leg.uuid);
  for (const leg of legs) {
    if (leg.direction === 'outbound' || leg.sip_call_id === null) continue;
    const other = outbound.find((one) => free(one) && one.sip_call_id === leg.sip_call_id);
    if (other !== undefined) link(other, leg);
  }
  legs.forEach((leg, index) => {
    const before = legs[index - 1];
    if (before === undefined || leg.direction === 'outbound' || !free(leg)) return;
    if (before.direction === 'outbound' && free(before) && before.node !== leg.node) link(before, leg);
  });
  return links;
}

/** Who is at the other end of a leg that leads to none of our servers. */
function partyOf(leg: Leg, call: CallDetail, parties: Map<string, Column>): Column {
  const number = leg.direction === 'outbound' ? leg.destination_number : leg.caller_id_number;
  const isCaller = leg.uuid === call.legs[0]?.uuid && leg.direction !== 'outbound';
  const label = (isCaller ? (call.caller ?? number) : number) ?? 'unknown';
  const key = `party ${label}`;
  const known = parties.get(key);
  if (known !== undefined) return known;
  const made: Column = { key, kind: 'party', label, lanes: [] };
  parties.set(key, made);
  return made;
}

const proxyKey = (name: string) => `proxy ${name}`;

function proxyColumns({ legs }: CallDetail): Column[] {
  const names = new Set(legs.flatMap(({ proxy }) => (proxy === null ? [] : [proxy])));
  return [...names].map((name) => ({ key: proxyKey(name), kind: 'proxy', label: name, lanes: [] }));
}

/** Of both ends of one dialog either may know it. */
function viaOf(legs: readonly Leg[], links: ReadonlyMap<string, string>): Map<string, string> {
  const proxies = new Map(legs.map(({ uuid, proxy }) => [uuid, proxy]));
  return new Map(
    legs.flatMap(({ uuid, proxy }) => {
      const name = proxy ?? proxies.get(links.get(uuid) ?? '') ?? null;
      return name === null ? [] : [[uuid, proxyKey(name)] as const];
    }),
  );
}

function nodeColumns({ nodes, legs }: CallDetail): Column[] {
  const names = [...new Set([...nodes, ...legs.map(({ node }) => node)])];
  return names.map((node) => ({
    key: `node ${node}`,
    kind: 'node',
    label: node,
    lanes: legs.filter((leg) => leg.node === node).map(({ uuid }) => uuid),
  }));
}
