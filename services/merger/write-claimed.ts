import type { CallContext } from '../../libs/calls/call-context.ts';
import { type CallChange, type CallRow, supersedeCalls, writeCalls } from '../../libs/store/call.sql.ts';
import { type CallRoot, writeRoots } from '../../libs/store/call-root.sql.ts';
import { assignCalls, readLegs, writeLegs } from '../../libs/store/leg.sql.ts';
import type { Queryable } from '../../libs/store/queryable.ts';
import type { ApplyOptions } from './apply-options.ts';
import { callsOfRoot, type RootCalls } from './call-rows.ts';
import type { ClaimedRoot } from './claim-roots.ts';
import { type FoldedLeg, toFolded, toLegRow } from './folded-leg.ts';
import { absorbHistories } from './histories.ts';
import type { Joined } from './joining.ts';
import { readJudge } from './judge.ts';
import { legKey } from './leg-batch.ts';
import { readContext } from './surroundings.ts';

/** A call that says something new, and what it said before. */
export interface ChangedCall {
  row: CallRow;
  change: CallChange;
  /** ids of calls whose legs it took: nothing will be said under them any more */
  took: readonly string[];
}

interface Claimed {
  claimed: readonly ClaimedRoot[];
  joined: Joined;
  options: ApplyOptions;
}

interface RootWork extends RootCalls {
  claim: ClaimedRoot;
}

/** Writes the legs of a batch, and the roots and calls that this transaction holds the locks of. */
export async function writeClaimed(client: Queryable, work: Claimed): Promise<ChangedCall[]> {
  const read = { claimed: work.claimed, others: await readOthers(client, work) };
  const { claimed, others } = await absorbHistories(client, read, work);
  const all = [...claimed.flatMap(({ legs }) => legs), ...others.values()];
  const context = await readContext(
    client,
    all.map(({ leg }) => leg),
  );
  const roots = claimed.map((claim) => summariseRoot(claim, { others, context, options: work.options }));
  await writeLegs(client, rowsOf(roots, { joined: work.joined, context }));
  await writeRoots(client, rootsOf(roots));
  const changes = await writeCalls(
    client,
    roots.flatMap(({ calls }) => calls.map(({ row }) => row)),
  );
  await supersedeCalls(
    client,
    roots.flatMap(({ superseded }) => superseded),
  );
  await assignCalls(client, strangersOf(roots));
  countCalls(work.options, roots, changes);
  return withRows(roots, changes);
}

/** Legs of the claimed roots that the batch says nothing of. */
async function readOthers(client: Queryable, { claimed, options }: Claimed): Promise<Map<string, FoldedLeg>> {
  const known = new Set(claimed.flatMap(({ legs }) => legs.map(legKey)));
  const missing = claimed.flatMap(({ root }) => root.members.filter((member) => !known.has(legKey(member))));
  const stored = await readLegs(client, missing);
  const evidence = stored.flatMap((leg) => leg.evidence ?? []);
  const judge = await readJudge(client, evidence, options);
  const folding = { trust: options.surroundings.trust, judge };
  const folded = stored.flatMap((leg) =>
    leg.evidence === null ? [] : [toFolded(leg, leg.evidence, folding)],
  );
  return new Map(folded.map((leg) => [legKey(leg), leg]));
}

function summariseRoot(
  claim: ClaimedRoot,
  {
    others,
    context,
    options,
  }: { others: ReadonlyMap<string, FoldedLeg>; context: CallContext; options: ApplyOptions },
): RootWork {
  const strangers = claim.root.members.flatMap((member) => others.get(legKey(member)) ?? []);
  const legs = [...claim.legs, ...strangers];
  const made = callsOfRoot(legs, {
    rootId: claim.root.id,
    before: claim.root.calls,
    context,
    finishUs: options.nowUs + options.graceMs * 1000,
  });
  return { ...made, claim };
}

function rowsOf(
  roots: readonly RootWork[],
  { joined, context }: { joined: Joined; context: CallContext },
): ReturnType<typeof toLegRow>[] {
  return roots.flatMap(({ claim, calls }) => {
    const callIds = new Map(calls.flatMap(({ row, legs }) => legs.map((leg) => [leg, row.id] as const)));
    return claim.legs.map((folded) =>
      toLegRow({
        folded,
        callId: callIds.get(folded) ?? claim.root.id,
        rootId: claim.root.id,
        keys: joined.keysOf.get(folded) ?? [],
        context,
      }),
    );
  });
}

/** Most batches say more of legs that are where they were: their roots stay as they are. */
function rootsOf(roots: readonly RootWork[]): CallRoot[] {
  return roots.flatMap(({ claim, calls }) => {
    const root = { ...claim.root, calls: calls.map(({ row }) => row.id) };
    return isSame(root, claim.stored) ? claim.merged : [root, ...claim.merged];
  });
}

/** Members are added behind those that were there; one that was a history's row goes. */
function isSame(root: CallRoot, stored: CallRoot | undefined): boolean {
  return (
    stored !== undefined &&
    stored.members.length === root.members.length &&
    stored.members.every((member, at) => legKey(member) === legKey(root.members[at] ?? member)) &&
    stored.calls.join() === root.calls.join()
  );
}

/** Legs of other batches whose call has another id now. */
function strangersOf(roots: readonly RootWork[]) {
  return roots.flatMap(({ claim, calls }) => {
    const own = new Set(claim.legs);
    return calls.flatMap(({ row, legs }) =>
      legs
        .filter((leg) => !own.has(leg) && leg.stored.call_id !== row.id)
        .map(({ uuid, start_us }) => ({ uuid, start_us, call_id: row.id })),
    );
  });
}

function withRows(roots: readonly RootWork[], changes: readonly CallChange[]): ChangedCall[] {
  const rows = new Map(roots.flatMap(({ calls }) => calls.map(({ row }) => [row.id, row] as const)));
  const taken = Map.groupBy(
    roots.flatMap(({ superseded }) => superseded),
    ({ merged_into }) => merged_into,
  );
  return changes.flatMap((change) => {
    const row = rows.get(change.id);
    const took = (taken.get(change.id) ?? []).map(({ id }) => id);
    return row === undefined ? [] : [{ row, change, took }];
  });
}

function countCalls(
  { metrics }: ApplyOptions,
  roots: readonly RootWork[],
  changes: readonly CallChange[],
): void {
  metrics.calls.inc({ what: 'written' }, changes.length);
  metrics.calls.inc({ what: 'superseded' }, roots.flatMap(({ superseded }) => superseded).length);
}
