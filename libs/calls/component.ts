import { compareIdentities, type LegIdentity } from './call-id.ts';
import { type CallIdKey, type CorrelationKeys, isCallIdPair } from './correlation-keys.ts';
import { DisjointSets } from './disjoint-sets.ts';
import { compareText } from './layers.ts';
import { type NamedLeg, type UuidMeaning, uuidMeaning } from './uuid-meaning.ts';

/** A leg as the graph of legs knows it. */
export interface CorrelatedLeg extends NamedLeg, CorrelationKeys {}

const LEG = 'leg:';

/** A call has no more legs than this. */
export const MAX_CALL_LEGS = 64;

/**
 * The calls that legs make: components over shared keys and pairs of a Call-ID. A component that is too large is cut:
 * the leg with the most distinct partners (ties by uuid) stops joining, and again, so that the leg of a queue's agent or
 * of a conference never swallows a day. Pure: the order of `legs` means nothing. Each call's legs are in order of identity.
 */
export function callsOfLegs<T extends CorrelatedLeg>(legs: readonly T[]): T[][] {
  const meaning = uuidMeaning(legs);
  return componentsOf(legs, { loners: new Set(), meaning })
    .flatMap((component) => cut(component, meaning))
    .sort(compareFirst);
}

/** How names are read: whose join nothing, and which leg a uuid means. */
interface Names {
  loners: ReadonlySet<string>;
  meaning: UuidMeaning;
}

function cut<T extends CorrelatedLeg>(component: T[], meaning: UuidMeaning): T[][] {
  const loners = new Set<string>();
  const done: T[][] = [];
  let open = [component];
  while (open.length > 0) {
    const small = open.filter(({ length }) => length <= MAX_CALL_LEGS);
    done.push(...small);
    open = open
      .filter(({ length }) => length > MAX_CALL_LEGS)
      .flatMap((large) => split(large, loners, meaning));
  }
  return done;
}

function split<T extends CorrelatedLeg>(component: T[], loners: Set<string>, meaning: UuidMeaning): T[][] {
  loners.add(busiest(component, loners));
  return componentsOf(component, { loners, meaning });
}

function compareFirst(a: readonly LegIdentity[], b: readonly LegIdentity[]): number {
  const [first, second] = [a[0], b[0]];
  return first === undefined || second === undefined ? a.length - b.length : compareIdentities(first, second);
}

/** Neither the keys of a loner nor its own uuid, which others name, join anything. */
function joiningKeys(leg: CorrelatedLeg, { loners, meaning }: Names): string[] {
  if (loners.has(leg.uuid)) return [];
  const named = leg.keys.filter(({ key }) => !isOfLoner(key, loners));
  return named.map(({ month, key }) =>
    isLegKey(key) ? `${month} ${LEG}${meaning(uuidOf(key), leg)}` : `${month} ${key}`,
  );
}

function isOfLoner(key: string, loners: ReadonlySet<string>): boolean {
  return loners.size > 0 && isLegKey(key) && loners.has(uuidOf(key));
}

function isLegKey(key: string): boolean {
  return key.startsWith(LEG);
}

function uuidOf(key: string): string {
  return key.slice(LEG.length);
}

function componentsOf<T extends CorrelatedLeg>(legs: readonly T[], names: Names): T[][] {
  const sets = new DisjointSets();
  for (const leg of legs) {
    const node = `of ${leg.uuid} ${leg.start_us}`;
    sets.add(node);
    for (const key of joiningKeys(leg, names)) sets.join(node, key);
  }
  for (const [a, b] of pairsOf(legs, names.loners)) {
    sets.join(`of ${a.uuid} ${a.start_us}`, `of ${b.uuid} ${b.start_us}`);
  }
  const found = Map.groupBy(legs, (leg) => sets.find(`of ${leg.uuid} ${leg.start_us}`));
  return [...found.values()].map((component) => component.sort(compareIdentities));
}

function pairsOf(legs: readonly CorrelatedLeg[], loners: ReadonlySet<string>): [CallIdKey, CallIdKey][] {
  const holders = legs.filter(({ uuid }) => !loners.has(uuid)).flatMap(({ callIds }) => callIds);
  return [...Map.groupBy(holders, ({ month, key }) => `${month} ${key}`).values()].flatMap((group) =>
    group.flatMap((a, at) =>
      group
        .slice(at + 1)
        .filter((b) => isCallIdPair(a, b))
        .map((b) => pair(a, b)),
    ),
  );
}

function pair(a: CallIdKey, b: CallIdKey): [CallIdKey, CallIdKey] {
  return [a, b];
}

/**
 * What has the most distinct partners, of several the one with the greatest uuid: a leg, or one that is named by others
 * and was never seen.
 */
function busiest(legs: readonly CorrelatedLeg[], loners: ReadonlySet<string>): string {
  const partners = new Map<string, Set<string>>();
  const meet = (a: string, b: string) => {
    if (a === b) return;
    partners.set(a, (partners.get(a) ?? new Set()).add(b));
    partners.set(b, (partners.get(b) ?? new Set()).add(a));
  };
  for (const leg of legs) {
    for (const { key } of leg.keys) {
      if (!loners.has(leg.uuid) && isLegKey(key) && !isOfLoner(key, loners)) meet(leg.uuid, uuidOf(key));
    }
  }
  for (const group of headerGroups(legs, loners)) {
    for (const [at, a] of group.entries()) for (const b of group.slice(at + 1)) meet(a, b);
  }
  for (const [a, b] of pairsOf(legs, loners)) meet(a.uuid, b.uuid);
  const ranked = [...partners].sort((a, b) => b[1].size - a[1].size || compareText(b[0], a[0]));
  return ranked[0]?.[0] ?? mostUsed(legs, loners);
}

/** Whose legs have no partners but each other share one uuid: it is the one that holds them together. */
function mostUsed(legs: readonly CorrelatedLeg[], loners: ReadonlySet<string>): string {
  const used = [...Map.groupBy(legs, ({ uuid }) => uuid)].filter(([uuid]) => !loners.has(uuid));
  return used.sort((a, b) => b[1].length - a[1].length || compareText(b[0], a[0]))[0]?.[0] ?? '';
}

/** Legs that share a header. */
function headerGroups(legs: readonly CorrelatedLeg[], loners: ReadonlySet<string>): string[][] {
  const holders = legs
    .filter(({ uuid }) => !loners.has(uuid))
    .flatMap(({ uuid, keys }) =>
      keys.filter(({ key }) => !isLegKey(key)).map(({ month, key }) => ({ uuid, key: `${month} ${key}` })),
    );
  return [...Map.groupBy(holders, ({ key }) => key).values()].map((group) => group.map(({ uuid }) => uuid));
}
