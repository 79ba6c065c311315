import type { LegIdentity } from './call-id.ts';
import { type LegEvidence, mergeEvidence } from './evidence.ts';

/** Another system knows whole seconds, FreeSWITCH microseconds: the same leg within two seconds is the same. */
export const SAME_LEG_US = 2_000_000;

/** Whether two records of different precision are of one leg. */
export function isSameLeg(left: LegIdentity, right: LegIdentity): boolean {
  return left.uuid === right.uuid && Math.abs(left.start_us - right.start_us) <= SAME_LEG_US;
}

/** Whether all that is known of a leg is a row of another system's history, so that its start is no more than a second. */
export function isHistory({ cdr, birth, latest, last_event_us }: LegEvidence): boolean {
  return cdr?.imported === true && birth.length === 0 && latest.length === 0 && last_event_us === 0;
}

/** A history's row, and the leg that it is of. */
export interface OwnLeg<T> {
  history: T;
  leg: T;
}

/** Which of these are rows of a history whose leg is among them, too. Of several legs the earliest has it. */
export function ownLegs<T extends { evidence: LegEvidence }>(legs: readonly T[]): OwnLeg<T>[] {
  const histories = legs.filter(({ evidence }) => isHistory(evidence));
  if (histories.length === 0) return [];
  const known = Map.groupBy(
    legs.filter(({ evidence }) => !isHistory(evidence)),
    ({ evidence }) => evidence.uuid,
  );
  return histories.flatMap((history) => {
    const candidates = known.get(history.evidence.uuid) ?? [];
    const [leg] = candidates
      .filter(({ evidence }) => isSameLeg(evidence, history.evidence))
      .sort((a, b) => a.evidence.start_us - b.evidence.start_us);
    return leg === undefined ? [] : [{ history, leg }];
  });
}

/** What is known of a leg, with what a history's row says of it. */
export function withHistory(leg: LegEvidence, history: LegEvidence): LegEvidence {
  const { start_us, node, core_uuid } = leg;
  return mergeEvidence(leg, { ...history, start_us, node, core_uuid });
}

/** Evidence of all legs, in which a history's row is a part of its leg's. */
export function absorbHistories(all: readonly LegEvidence[]): LegEvidence[] {
  const legs = all.map((evidence) => ({ evidence }));
  const absorbed = new Set<LegEvidence>();
  for (const { history, leg } of ownLegs(legs)) {
    leg.evidence = withHistory(leg.evidence, history.evidence);
    absorbed.add(history.evidence);
  }
  return legs.map(({ evidence }) => evidence).filter((evidence) => !absorbed.has(evidence));
}
