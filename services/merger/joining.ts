import { type CallIdKey, isCallIdPair } from '../../libs/calls/correlation-keys.ts';
import { DisjointSets } from '../../libs/calls/disjoint-sets.ts';
import {
  addHolders,
  type HeldCallId,
  hashOfKey,
  insertKeys,
  type KeyRow,
  readKeys,
} from '../../libs/store/call-key.sql.ts';
import type { Queryable } from '../../libs/store/queryable.ts';
import type { FoldedLeg } from './folded-leg.ts';

/** Keys of the batch's legs that are not in the store yet, each with the legs that brought it. */
interface NewKeys {
  legs: Map<FoldedLeg, string[]>;
  rows: Map<string, { month: string; key: string }>;
  callIds: Map<string, { month: string; key: string; holders: { leg: FoldedLeg; held: CallIdKey }[] }>;
}

export interface Joined {
  /** which roots turned out to be one */
  roots: DisjointSets;
  /** ids that roots in the store should have: they may have been merged meanwhile */
  known: Set<string>;
  /** ids of roots that are to be made: keys lead to them */
  created: Set<string>;
  /** hashes of all keys that each leg has in the store now */
  keysOf: Map<FoldedLeg, string[]>;
}

/**
 * Puts the keys of legs, which this transaction has locked, into the store, in the order of keys, and says which roots
 * they join. Keys that others brought lead to their roots.
 */
export async function joinLegs(client: Queryable, legs: readonly FoldedLeg[]): Promise<Joined> {
  const fresh = newKeysOf(legs);
  const joined: Joined = {
    roots: new DisjointSets(),
    known: new Set(legs.flatMap(({ stored }) => stored.root_id ?? [])),
    created: new Set(),
    keysOf: new Map(legs.map((leg) => [leg, allKeys(leg, fresh)])),
  };
  for (const { rootId } of legs) joined.roots.add(rootId);
  const found = await readKeys(client, [...fresh.rows.values()]);
  joinByKeys(joined, fresh, found);
  const targets = targetsOf(legs, joined);
  const missing = missingRows(fresh, found, targets);
  const inserted = await insertKeys(client, missing);
  const beaten = missing.filter(({ key }) => !inserted.has(key));
  joinByKeys(joined, fresh, await readKeys(client, beaten));
  joinByCallIds(joined, await addHolders(client, heldBy(fresh, targets)));
  return joined;
}

function newKeysOf(legs: readonly FoldedLeg[]): NewKeys {
  const fresh: NewKeys = { legs: new Map(), rows: new Map(), callIds: new Map() };
  for (const leg of legs) {
    const stored = new Set(leg.stored.keys);
    const hashes: string[] = [];
    for (const { month, key } of leg.keys) {
      const hash = hashOfKey({ month, key });
      if (stored.has(hash)) continue;
      hashes.push(hash);
      fresh.rows.set(hash, { month, key: hash });
    }
    for (const held of leg.callIds) {
      const hash = hashOfKey(held);
      if (stored.has(hash)) continue;
      const callId = fresh.callIds.get(hash) ?? { month: held.month, key: hash, holders: [] };
      callId.holders.push({ leg, held });
      fresh.callIds.set(hash, callId);
    }
    fresh.legs.set(leg, hashes);
  }
  return fresh;
}

function allKeys(leg: FoldedLeg, fresh: NewKeys): string[] {
  const callIds = leg.callIds.map(hashOfKey);
  return [...new Set([...leg.stored.keys, ...(fresh.legs.get(leg) ?? []), ...callIds])].sort();
}

/** Legs of the batch that share a key are one, and so is whatever the key leads to. */
function joinByKeys({ roots, known }: Joined, fresh: NewKeys, found: ReadonlyMap<string, string>): void {
  const first = new Map<string, string>(found);
  for (const root of found.values()) known.add(root);
  for (const [{ rootId }, hashes] of fresh.legs) {
    for (const hash of hashes) {
      const other = first.get(hash);
      if (other === undefined) first.set(hash, rootId);
      else roots.join(rootId, other);
    }
  }
}

/** Where new keys of each leg lead: to a root that exists where its set has one, so that few are made. */
function targetsOf(legs: readonly FoldedLeg[], { roots, known, created }: Joined): Map<FoldedLeg, string> {
  const bySet = new Map<string, string>();
  for (const root of [...known].sort()) {
    const set = roots.find(root);
    if (!bySet.has(set)) bySet.set(set, root);
  }
  for (const root of legs.map(({ rootId }) => rootId).sort()) {
    const set = roots.find(root);
    if (bySet.has(set)) continue;
    bySet.set(set, root);
    created.add(root);
  }
  return new Map(legs.map((leg) => [leg, bySet.get(roots.find(leg.rootId)) ?? leg.rootId]));
}

function missingRows(
  fresh: NewKeys,
  found: ReadonlyMap<string, string>,
  targets: ReadonlyMap<FoldedLeg, string>,
): KeyRow[] {
  const rows = new Map<string, KeyRow>();
  for (const [leg, hashes] of fresh.legs) {
    for (const hash of hashes) {
      const row = fresh.rows.get(hash);
      if (row === undefined || found.has(hash) || rows.has(hash)) continue;
      rows.set(hash, { ...row, root_id: targets.get(leg) ?? leg.rootId });
    }
  }
  return [...rows.values()];
}

function heldBy({ callIds }: NewKeys, targets: ReadonlyMap<FoldedLeg, string>): HeldCallId[] {
  return [...callIds.values()].map(({ month, key, holders }) => ({
    month,
    key,
    holders: holders.map(({ leg, held }) => ({
      uuid: held.uuid,
      direction: held.direction,
      start_us: held.start_us,
      root_id: targets.get(leg) ?? leg.rootId,
    })),
  }));
}

function joinByCallIds({ roots, known, created }: Joined, callIds: readonly HeldCallId[]): void {
  for (const { holders } of callIds) {
    for (const [at, a] of holders.entries()) {
      for (const b of holders.slice(at + 1)) {
        if (!isCallIdPair(a, b)) continue;
        for (const { root_id } of [a, b]) if (!created.has(root_id)) known.add(root_id);
        roots.join(a.root_id, b.root_id);
      }
    }
  }
}
