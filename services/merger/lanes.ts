import { DisjointSets } from '../../libs/calls/disjoint-sets.ts';
import type { LegEvidence } from '../../libs/calls/evidence.ts';
import { valuesOf } from '../../libs/calls/partners.ts';
import { legKey } from './leg-batch.ts';

/** Fewer legs than this are not worth a second transaction. */
const MIN_LANE_LEGS = 32;

/**
 * Splits what a batch says of legs into at most `count` parts that are applied side by side, of about the same size. Legs
 * that name each other, or share a Call-ID, stay together, so that the parts seldom wait for each other.
 */
export function lanesOf(said: readonly LegEvidence[], count: number): LegEvidence[][] {
  const lanes = Math.min(count, Math.floor(said.length / MIN_LANE_LEGS));
  if (lanes <= 1) return [[...said]];
  const parts: LegEvidence[][] = Array.from({ length: lanes }, () => []);
  for (const related of relatedLegs(said)) shortest(parts).push(...related);
  return parts;
}

function shortest(parts: LegEvidence[][]): LegEvidence[] {
  return parts.reduce((a, b) => (b.length < a.length ? b : a));
}

function relatedLegs(said: readonly LegEvidence[]): LegEvidence[][] {
  const sets = new DisjointSets();
  for (const leg of said) {
    const own = legKey(leg);
    sets.add(own);
    for (const name of namesOf(leg)) sets.join(own, name);
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
