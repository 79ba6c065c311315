import type { CdrRecord } from '../records/cdr-record.ts';
import type { ChannelEvent } from '../records/channel-event.ts';
import type { NodeEvent } from '../records/node-event.ts';
import type { CallContext } from './call-context.ts';
import { compareIdentities } from './call-id.ts';
import { evidenceOfCdr } from './cdr-evidence.ts';
import { callsOfLegs } from './component.ts';
import type { CoreFate } from './core-fate.ts';
import { correlationKeys, type Trust } from './correlation-keys.ts';
import { evidenceOfEvent } from './event-evidence.ts';
import { type LegEvidence, mergeEvidence } from './evidence.ts';
import type { EvidenceOptions } from './facts.ts';
import { foldCores } from './fold-cores.ts';
import { foldLeg } from './fold-leg.ts';
import { absorbHistories } from './history.ts';
import type { Leg } from './leg.ts';
import { type CallSummary, summarise } from './summarise.ts';

/** Everything the fleet said, in any order, any of it any number of times. */
export interface FleetRecords {
  events: readonly ChannelEvent[];
  cdrs: readonly CdrRecord[];
  nodeEvents: readonly NodeEvent[];
}

export interface FoldOptions extends EvidenceOptions {
  trust: Trust;
  context: CallContext;
  nowUs: number;
  nodeLostMs: number;
}

/** All legs and calls of a fleet from all of its records at once: what any number of mergers must come to. */
export function foldFleet(
  records: FleetRecords,
  options: FoldOptions,
): { legs: Leg[]; calls: CallSummary[] } {
  const evidence = evidenceOf(records, options);
  const fates = fatesOf(records.nodeEvents, evidence);
  const legs = evidence
    .map((said) => foldLeg(said, { ...options, fate: fates(said) }))
    .sort(compareIdentities);
  const nodes = legs.map((leg) => ({
    leg,
    uuid: leg.uuid,
    start_us: leg.start_us,
    core_uuid: leg.core_uuid,
    is_interrupted: leg.is_interrupted,
    ...correlationKeys(leg, options.trust),
  }));
  const calls = callsOfLegs(nodes).map((members) =>
    summarise(
      members.map(({ leg }) => leg),
      options.context,
    ),
  );
  return { legs, calls };
}

function evidenceOf({ events, cdrs }: FleetRecords, options: EvidenceOptions): LegEvidence[] {
  const found = new Map<string, LegEvidence>();
  const said = [
    ...events.map((event) => evidenceOfEvent(event, options)),
    ...cdrs.map((cdr) => evidenceOfCdr(cdr, options)),
  ];
  for (const evidence of said) {
    if (evidence === undefined) continue;
    const key = `${evidence.start_us} ${evidence.uuid}`;
    const known = found.get(key);
    found.set(key, known === undefined ? evidence : mergeEvidence(known, evidence));
  }
  return absorbHistories([...found.values()]);
}

function fatesOf(
  nodeEvents: readonly NodeEvent[],
  legs: readonly LegEvidence[],
): (evidence: LegEvidence) => CoreFate | undefined {
  const cores = legs.flatMap(({ node, core_uuid }) => (core_uuid === null ? [] : [{ node, core_uuid }]));
  const fates = new Map(foldCores(nodeEvents, cores).map((fate) => [`${fate.node} ${fate.core_uuid}`, fate]));
  return ({ node, core_uuid }) => fates.get(`${node} ${core_uuid}`);
}
