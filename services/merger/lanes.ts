import { DisjointSets } from '../../libs/calls/disjoint-sets.ts';
import type { LegEvidence } from '../../libs/calls/evidence.ts';
import { valuesOf } from '../../libs/calls/partners.ts';
import { legKey } from './leg-batch.ts';

/** Fewer legs than this are not worth a second transaction. */
const MIN_LANE_LEGS = 64;

/** The call that a leg was last seen in. */
export type CallOf = (uuid: string) => string | undefined;

/**
 * Splits what a batch says of legs into at most `count` parts that are applied side by side, of about the same size. Legs
 * that name each other, share a Call-ID or were of one call before stay together, so that the parts seldom wait for each
 * other: whoever waits for a call's root waits until the other part is written.
 */
export function lanesOf(said: readonly LegEvidence[], count: number, callOf: CallOf): LegEvidence[][] {
  const lanes = Math.min(count, Math.floor(said.length / MIN_LANE_LEGS));
  if (lanes <= 1) return [[...said]];
  const parts: LegEvidence[][] = Array.from({ length: lanes }, () => []);
  for (const related of relatedLegs(said, callOf)) shortest(parts).push(...related);
  return parts;
}

function shortest(parts: LegEvidence[][]): LegEvidence[] {
  return parts.reduce((a, b) => (b.length < a.length ? b : a));
}

function relatedLegs(said: readonly LegEvidence[], callOf: CallOf): LegEvidence[][] {
  const sets = new DisjointSets();
  for (const leg of said) {
    const own = legKey(leg);
    const call = callOf(leg.uuid);
    sets.add(own);
    for (const name of namesOf(leg)) sets.join(own, name);
    if (call !== undefined) sets.join(own, call);
  }
  return [...Map.groupBy(said, (leg) => sets.find(legKey(leg))).values()];
}

function namesOf({ uuid, partners, latest, cdr }: LegEvidence): string[] {
  const callIds = [...latest.map(({ values }) => values), ...(cdr === null ? [] : [cdr.facts])];
  return [
    uuid,
    ...partners.map(([partner]) => partner),
    ...callIds.flatMap((facts) => valuesOf(facts['sip_call_id'])).map((callId) => `sip:${callId}`),
  ];
}
