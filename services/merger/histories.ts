import { ownLegs, withHistory } from '../../libs/calls/history.ts';
import { deleteFreeLegs, lockFreeLegs, type StoredLeg } from '../../libs/store/leg.sql.ts';
import type { Queryable } from '../../libs/store/queryable.ts';
import type { ApplyOptions } from './apply-options.ts';
import type { ClaimedRoot } from './claim-roots.ts';
import { type FoldedLeg, toFolded } from './folded-leg.ts';
import type { Joined } from './joining.ts';
import { readJudge } from './judge.ts';
import { legKey } from './leg-batch.ts';

/** Roots that a transaction holds, and those of their legs that its batch says nothing of. */
export interface ClaimedLegs {
  claimed: readonly ClaimedRoot[];
  others: ReadonlyMap<string, FoldedLeg>;
}

interface Found {
  claim: ClaimedRoot;
  leg: FoldedLeg;
  histories: FoldedLeg[];
}

/**
 * Another system's row becomes a part of the leg that it is of, and its own row of `legs` goes, whichever came first. Both
 * have the leg's uuid for a key, so they always stand under one root, whose lock is held here. A leg that another
 * transaction has locked is left to it: it waits for this root, and will find the history here.
 */
export async function absorbHistories(
  client: Queryable,
  { claimed, others }: ClaimedLegs,
  { joined, options }: { joined: Joined; options: ApplyOptions },
): Promise<ClaimedLegs> {
  const all = claimed.flatMap((claim) => findIn(claim, others));
  if (all.length === 0) return { claimed, others };
  const locked = await lockStrangers(client, all);
  const found = all.flatMap((one) => held(one, locked));
  const said = found.map(({ leg, histories }) =>
    histories.reduce((evidence, history) => withHistory(evidence, history.evidence), leg.evidence),
  );
  const judge = await readJudge(client, said, options);
  const folding = { trust: options.surroundings.trust, judge };
  const whole = found.map((one, at) => {
    const folded = toFolded(one.leg.stored, said[at] ?? one.leg.evidence, folding);
    joined.keysOf.set(folded, keysOf(one, joined));
    return { ...one, folded };
  });
  await deleteFreeLegs(
    client,
    found.flatMap(({ histories }) => histories),
  );
  const gone = new Set(found.flatMap(({ leg, histories }) => [leg, ...histories]));
  return {
    claimed: claimed.map((claim) => without(claim, { gone, whole })),
    others: new Map([...others].filter(([, leg]) => !gone.has(leg))),
  };
}

function findIn(claim: ClaimedRoot, others: ReadonlyMap<string, FoldedLeg>): Found[] {
  const strangers = claim.root.members.flatMap((member) => others.get(legKey(member)) ?? []);
  const pairs = Map.groupBy(ownLegs([...claim.legs, ...strangers]), ({ leg }) => leg);
  return [...pairs].map(([leg, own]) => ({ claim, leg, histories: own.map(({ history }) => history) }));
}

async function lockStrangers(client: Queryable, found: readonly Found[]): Promise<Map<string, StoredLeg>> {
  const strangers = found.filter(({ claim, leg }) => !claim.legs.includes(leg)).map(({ leg }) => leg);
  const locked = await lockFreeLegs(client, strangers);
  return new Map(locked.map((leg) => [legKey(leg), leg]));
}

/** The leg as it stands under its lock, which may be newer than what was read. */
function held(found: Found, locked: ReadonlyMap<string, StoredLeg>): Found[] {
  if (found.claim.legs.includes(found.leg)) return [found];
  const stored = locked.get(legKey(found.leg));
  if (stored === undefined) return [];
  return [
    { ...found, leg: Object.assign(found.leg, { stored, evidence: stored.evidence ?? found.leg.evidence }) },
  ];
}

function keysOf({ leg, histories }: Found, { keysOf: known }: Joined): string[] {
  const keys = [leg, ...histories].flatMap((one) => known.get(one) ?? one.stored.keys);
  return [...new Set(keys)].sort();
}

interface Absorbed {
  gone: ReadonlySet<FoldedLeg>;
  whole: readonly (Found & { folded: FoldedLeg })[];
}

function without(claim: ClaimedRoot, { gone, whole }: Absorbed): ClaimedRoot {
  const own = whole.filter((one) => one.claim === claim);
  if (own.length === 0) return claim;
  const absorbed = new Set(own.flatMap(({ histories }) => histories.map(legKey)));
  return {
    ...claim,
    legs: [...claim.legs.filter((leg) => !gone.has(leg)), ...own.map(({ folded }) => folded)],
    root: { ...claim.root, members: claim.root.members.filter((member) => !absorbed.has(legKey(member))) },
  };
}
