import { type LegEvidence, mergeEvidence } from '../../libs/calls/evidence.ts';
import { CodedError } from '../../libs/errors/coded-error.ts';
import { VALUE_UNWRITABLE } from '../../libs/postgres/unwritable-value.ts';
import { lockLegs, makeLegs, type StoredLeg } from '../../libs/store/leg.sql.ts';
import type { Queryable } from '../../libs/store/queryable.ts';
import type { ApplyOptions } from './apply-options.ts';
import { claimRoots } from './claim-roots.ts';
import { type Folding, toFolded } from './folded-leg.ts';
import { joinLegs } from './joining.ts';
import { readJudge } from './judge.ts';
import { legKey } from './leg-batch.ts';
import { type ChangedCall, writeClaimed } from './write-claimed.ts';

/**
 * Applies what a batch says of legs, in the transaction of `client`: legs, their keys, the roots and calls they make.
 * Locks legs, then keys, then roots, each in their order, so that mergers never wait for each other in a circle.
 */
export async function applyLegs(
  client: Queryable,
  said: ReadonlyMap<string, LegEvidence>,
  options: ApplyOptions,
): Promise<ChangedCall[]> {
  if (said.size === 0) return [];
  const changed = await foldLegs(client, said, options);
  options.metrics.legs.inc(said.size);
  return changed;
}

async function foldLegs(
  client: Queryable,
  said: ReadonlyMap<string, LegEvidence>,
  options: ApplyOptions,
): Promise<ChangedCall[]> {
  const { metrics, surroundings } = options;
  const evidence = [...said.values()];
  const stored = await claimLegs(client, evidence);
  const merged = stored.map((leg) => ({ leg, evidence: evidenceOf(leg, said) }));
  const judge = await readJudge(
    client,
    merged.map((item) => item.evidence),
    options,
  );
  const folding: Folding = { trust: surroundings.trust, judge };
  const legs = merged.map((item) => toFolded(item.leg, item.evidence, folding));
  const joined = await joinLegs(client, legs);
  const claimed = await claimRoots(client, joined, { legs, metrics });
  return writeClaimed(client, { claimed, joined, options });
}

/** Rows that this transaction makes are its own: only those that were there before have to be locked, and read. */
async function claimLegs(client: Queryable, evidence: readonly LegEvidence[]): Promise<StoredLeg[]> {
  const made = await makeLegs(client, evidence);
  const isMade = new Set(made.map(legKey));
  const before = evidence.filter((leg) => !isMade.has(legKey(leg)));
  return [...made, ...(await lockLegs(client, before))];
}

function evidenceOf(stored: StoredLeg, said: ReadonlyMap<string, LegEvidence>): LegEvidence {
  const fresh = said.get(legKey(stored));
  // half of a pair of surrogates is no character: it is stored as another one, so that its row is not found again
  if (fresh === undefined)
    throw new CodedError(VALUE_UNWRITABLE, `leg ${stored.uuid} was locked and not asked for`);
  return stored.evidence === null ? fresh : mergeEvidence(stored.evidence, fresh);
}
