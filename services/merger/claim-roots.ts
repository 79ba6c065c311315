import type { LegIdentity } from '../../libs/calls/call-id.ts';
import { CodedError } from '../../libs/errors/coded-error.ts';
import { type CallRoot, lockRoots } from '../../libs/store/call-root.sql.ts';
import type { Queryable } from '../../libs/store/queryable.ts';
import type { FoldedLeg } from './folded-leg.ts';
import type { Joined } from './joining.ts';
import { legKey } from './leg-batch.ts';
import type { MergerMetrics } from './merger-metrics.ts';

/** A root of which this transaction holds the lock, with all of its members, and what else is to be written with it. */
export interface ClaimedRoot {
  root: CallRoot;
  /** legs of the batch that stand under it */
  legs: FoldedLeg[];
  /** roots that are merged into it now */
  merged: CallRoot[];
  /** how it is stored; undefined when it is only being made */
  stored: CallRoot | undefined;
}

/** More legs than this are not followed as one: what connects them is no conversation. */
export const MAX_COMPONENT_LEGS = 1_024;

/** Another merger merges our roots between two tries: seen once in a while, twice in a row hardly ever. */
const MAX_TRIES = 50;

/**
 * Locks the roots that a batch concerns, in order of id, and merges those that turned out to be one: the loser gets a
 * parent. Roots that were merged meanwhile are let go first, so that no lock is ever waited for out of order.
 */
export async function claimRoots(
  client: Queryable,
  joined: Joined,
  { legs, metrics }: { legs: readonly FoldedLeg[]; metrics: MergerMetrics },
): Promise<ClaimedRoot[]> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    await client.query('savepoint roots');
    const locked = await lockRoots(client, [...joined.known]);
    const stale = locked.filter(({ parent }) => parent !== null);
    if (stale.length === 0) return mergeSets({ joined, locked, legs, metrics });
    await client.query('rollback to savepoint roots');
    metrics.rootRetries.inc();
    for (const { id, parent } of stale) follow(joined, id, parent ?? id);
  }
  throw new CodedError(
    'roots-not-claimed',
    `roots of calls were merged by others ${MAX_TRIES} times in a row`,
  );
}

function follow({ roots, known }: Joined, id: string, parent: string): void {
  roots.join(id, parent);
  known.delete(id);
  known.add(parent);
}

interface Claim {
  joined: Joined;
  locked: readonly CallRoot[];
  legs: readonly FoldedLeg[];
  metrics: MergerMetrics;
}

function mergeSets({ joined, locked, legs, metrics }: Claim): ClaimedRoot[] {
  const { roots } = joined;
  const inStore = new Set(locked.map(({ id }) => id));
  // A root that is known and absent was dropped with its month: it is made again.
  const made = [...joined.created, ...joined.known].filter((id) => !inStore.has(id)).map(newRoot);
  const bySet = Map.groupBy([...locked, ...made], ({ id }) => roots.find(id));
  const legsBySet = Map.groupBy(legs, ({ rootId }) => roots.find(rootId));
  const sets = [...new Set([...bySet.keys(), ...legsBySet.keys()])];
  return sets.flatMap((set) =>
    mergeSet(bySet.get(set) ?? [], { legs: legsBySet.get(set) ?? [], inStore, metrics }),
  );
}

function newRoot(id: string): CallRoot {
  return { id, parent: null, members: [], calls: [] };
}

interface Merge {
  legs: FoldedLeg[];
  inStore: ReadonlySet<string>;
  metrics: MergerMetrics;
}

function mergeSet(set: readonly CallRoot[], { legs, inStore, metrics }: Merge): ClaimedRoot[] {
  const ordered = set.toSorted((a, b) => rank(a, inStore) - rank(b, inStore) || (a.id < b.id ? -1 : 1));
  const [winner, ...losers] = ordered;
  if (winner === undefined) return [];
  const members = membersOf([winner, ...losers], legs);
  if (members.length > MAX_COMPONENT_LEGS) {
    metrics.tooLarge.inc();
    return keepApart(ordered, { legs, inStore });
  }
  const calls = [...new Set(ordered.flatMap((root) => root.calls))];
  return [
    {
      root: { ...winner, members, calls },
      legs,
      merged: losers.map(({ id }) => ({ id, parent: winner.id, members: [], calls: [] })),
      stored: inStore.has(winner.id) ? winner : undefined,
    },
  ];
}

/** A root of the store wins over one that is only being made, else the earlier one. */
function rank({ id }: CallRoot, inStore: ReadonlySet<string>): number {
  return inStore.has(id) ? 0 : 1;
}

function membersOf(roots: readonly CallRoot[], legs: readonly LegIdentity[]): LegIdentity[] {
  const members = new Map<string, LegIdentity>();
  for (const member of [...roots.flatMap((root) => root.members), ...legs]) {
    members.set(legKey(member), { uuid: member.uuid, start_us: member.start_us });
  }
  return [...members.values()];
}

/** Too many to follow: every root stays what it was, and a leg that has none yet makes one of its own. */
function keepApart(
  roots: readonly CallRoot[],
  { legs, inStore }: Pick<Merge, 'legs' | 'inStore'>,
): ClaimedRoot[] {
  const byRoot = new Map<string, FoldedLeg[]>(roots.map(({ id }) => [id, []]));
  for (const leg of legs) {
    const known = roots.find(({ members }) => members.some((member) => legKey(member) === legKey(leg)));
    const id = known?.id ?? leg.rootId;
    byRoot.set(id, [...(byRoot.get(id) ?? []), leg]);
  }
  return [...byRoot].map(([id, own]) => {
    const root = roots.find((known) => known.id === id) ?? newRoot(id);
    const stored = inStore.has(id) ? root : undefined;
    return { root: { ...root, members: membersOf([root], own) }, legs: own, merged: [], stored };
  });
}
