import type { CoreFate } from './core-fate.ts';
import type { LegEvidence } from './evidence.ts';

/** How we know that a leg is over. The last two mean that its node was lost with it. */
export type EndedBy = 'hangup' | 'cdr' | 'resync' | 'core-changed' | 'node-lost';

export interface LegEnd {
  end_us: number;
  ended_by: EndedBy;
}

export interface Judgement {
  /** what is known of the leg's core; undefined when no collector ever spoke of it */
  fate: CoreFate | undefined;
  nowUs: number;
  /** how long a node may be down before its legs count as lost, ms */
  nodeLostMs: number;
}

/** `show channels` is written a moment late: only a leg that has been silent for longer can be missing from it. */
export const RESYNC_SLACK_US = 5_000_000;

/**
 * When and how a leg ended; null while it lives. Its own hangup event and its CDR beat whatever is known of its node; of
 * the two the earlier counts, since a CDR's times may run on until a transferred call ends. Another system's row knows whole
 * seconds only: the hangup beats it.
 */
export function endOf(evidence: LegEvidence, judgement: Judgement): LegEnd | null {
  const hangup = evidence.moments.hangup_us;
  const { cdr } = evidence;
  const cdrEnd = cdr?.cdr.end_us;
  const isRough = cdr?.imported === true;
  if (hangup !== undefined && (isRough || hangup <= (cdrEnd ?? hangup)))
    return { end_us: hangup, ended_by: 'hangup' };
  if (cdrEnd !== undefined)
    return { end_us: isRough ? Math.max(evidence.start_us, cdrEnd) : cdrEnd, ended_by: 'cdr' };
  return judgement.fate === undefined ? null : endByNode(evidence, judgement.fate, judgement);
}

function endByNode(evidence: LegEvidence, fate: CoreFate, judgement: Judgement): LegEnd | null {
  const isGone = isMissing(evidence, fate);
  if (isGone) return { end_us: seenUntil(evidence, fate), ended_by: 'resync' };
  if (fate.isReplaced) return { end_us: aliveUntil(evidence, fate), ended_by: 'core-changed' };
  if (isLost(evidence, fate, judgement)) {
    return { end_us: aliveUntil(evidence, fate), ended_by: 'node-lost' };
  }
  return null;
}

/** The last set of channels decides: whatever an earlier one missed was seen again, or was silent for longer still. */
function isMissing({ uuid, last_event_us }: LegEvidence, { resyncs }: CoreFate): boolean {
  const last = resyncs.at(-1);
  return last !== undefined && !last.uuids.has(uuid) && last.at_us > last_event_us + RESYNC_SLACK_US;
}

function isLost({ last_event_us }: LegEvidence, { down }: CoreFate, judgement: Judgement): boolean {
  if (down === null || last_event_us > down.at_us + RESYNC_SLACK_US) return false;
  return judgement.nowUs >= down.received_us + judgement.nodeLostMs * 1000;
}

/** Gone while nobody listened: it was alive at its last event, in sets that show it, and when a connection was lost. */
function seenUntil({ uuid, start_us, last_event_us }: LegEvidence, { resyncs, lost_us }: CoreFate): number {
  const last = resyncs.at(-1)?.at_us ?? 0;
  const seen = resyncs.filter(({ uuids }) => uuids.has(uuid)).map(({ at_us }) => at_us);
  const lost = lost_us.filter((at) => at <= last && at >= start_us);
  return Math.max(start_us, last_event_us, ...seen, ...lost);
}

/** Its node died under it: it lived as long as the node. */
function aliveUntil({ start_us, last_event_us }: LegEvidence, { alive_us }: CoreFate): number {
  return Math.max(start_us, last_event_us, alive_us);
}
