import { evidenceOfCdr } from '../../libs/calls/cdr-evidence.ts';
import { evidenceOfEvent } from '../../libs/calls/event-evidence.ts';
import { type LegEvidence, mergeEvidence } from '../../libs/calls/evidence.ts';
import type { EvidenceOptions } from '../../libs/calls/facts.ts';
import type { CdrRecord } from '../../libs/records/cdr-record.ts';
import type { ChannelEvent } from '../../libs/records/channel-event.ts';
import { isExpired } from './retention.ts';

/** A leg's uuid and start as one text. */
export function legKey({ uuid, start_us }: { uuid: string; start_us: number }): string {
  return `${start_us} ${uuid}`;
}

/** What a batch says of each leg, merged. Legs that began before `fromUs` are past their retention, and only counted. */
export function gatherEvidence(
  { events, cdrs }: { events: readonly ChannelEvent[]; cdrs: readonly CdrRecord[] },
  options: EvidenceOptions & { fromUs: number },
): { evidence: Map<string, LegEvidence>; expired: number } {
  const evidence = new Map<string, LegEvidence>();
  let expired = 0;
  const add = (said: LegEvidence | undefined) => {
    if (said === undefined) return;
    if (isExpired(said.start_us, options.fromUs)) {
      expired += 1;
      return;
    }
    const key = legKey(said);
    const known = evidence.get(key);
    evidence.set(key, known === undefined ? said : mergeEvidence(known, said));
  };
  for (const event of events) add(evidenceOfEvent(event, options));
  for (const cdr of cdrs) add(evidenceOfCdr(cdr, options));
  return { evidence, expired };
}
