import { type CallContext, domainOfLeg, tenantOfLeg } from '../../libs/calls/call-context.ts';
import { callIdOf } from '../../libs/calls/call-id.ts';
import type { CorrelatedLeg } from '../../libs/calls/component.ts';
import { correlationKeys, type Trust } from '../../libs/calls/correlation-keys.ts';
import type { LegEvidence } from '../../libs/calls/evidence.ts';
import { foldLeg } from '../../libs/calls/fold-leg.ts';
import type { Leg } from '../../libs/calls/leg.ts';
import type { Judgement } from '../../libs/calls/leg-end.ts';
import type { LegRow, StoredLeg } from '../../libs/store/leg.sql.ts';

/** A leg in the hand of a merger: its evidence, what it folds to, and how it joins others. */
export interface FoldedLeg extends CorrelatedLeg {
  leg: Leg;
  evidence: LegEvidence;
  stored: StoredLeg;
  fateRevision: number;
  /** where it stands among roots: its own when it is new */
  rootId: string;
}

export interface Folding {
  trust: Trust;
  judge: (evidence: LegEvidence) => Judgement & { revision: number };
}

export function toFolded(stored: StoredLeg, evidence: LegEvidence, { trust, judge }: Folding): FoldedLeg {
  const judgement = judge(evidence);
  const leg = foldLeg(evidence, judgement);
  return {
    uuid: leg.uuid,
    start_us: leg.start_us,
    core_uuid: leg.core_uuid,
    is_interrupted: leg.is_interrupted,
    leg,
    evidence,
    stored,
    fateRevision: judgement.revision,
    rootId: stored.root_id ?? callIdOf(leg),
    ...correlationKeys(leg, trust),
  };
}

export interface RowParts {
  folded: FoldedLeg;
  callId: string;
  rootId: string;
  keys: readonly string[];
  context: CallContext;
}

/** The row of table `legs`. */
export function toLegRow({ folded, callId, rootId, keys, context }: RowParts): LegRow {
  const { leg, evidence, fateRevision } = folded;
  return {
    ...leg,
    call_id: callId,
    root_id: rootId,
    domain: domainOfLeg(leg, context),
    tenant: tenantOfLeg(leg, context),
    duration: secondsBetween(leg.start_us, leg.end_us),
    billsec: secondsBetween(leg.answer_us, leg.end_us),
    fate_revision: fateRevision,
    keys,
    evidence,
  };
}

function secondsBetween(from: number | null, to: number | null): number | null {
  if (to === null) return null;
  return from === null ? 0 : Math.max(0, Math.round((to - from) / 1000) / 1000);
}
