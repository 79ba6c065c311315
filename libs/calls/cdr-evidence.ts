import type { Cdr, CdrRecord } from '../records/cdr-record.ts';
import { type LegEvidence, noEvidence } from './evidence.ts';
import { type EvidenceOptions, factsOf } from './facts.ts';
import { type CdrEvidence, type FirstProfile, KEPT_FIELDS } from './known-cdr.ts';
import { addPartner, partnersInVariables } from './partners.ts';

/** What one CDR says about its leg. */
export function evidenceOfCdr(record: CdrRecord, options: EvidenceOptions): LegEvidence {
  const { cdr } = record;
  const bridged = record.callflows.map(({ bridged_us }) => bridged_us ?? 0).filter((at) => at > 0);
  return {
    ...noEvidence({
      uuid: cdr.uuid,
      start_us: cdr.start_us,
      node: record.node,
      core_uuid: cdr.core_uuid,
    }),
    moments: bridged.length === 0 ? {} : { bridged_us: Math.min(...bridged) },
    partners: partnersOf(record),
    recordings: cdr.recording_path === null ? [] : [cdr.recording_path],
    cdr: {
      format: record.format,
      hash: record.body_sha256.slice(0, 32),
      node: record.node,
      cdr: keptOf(cdr),
      first: firstOf(record),
      facts: factsOf(record.leg_variables, options),
      ...(record.imported && { imported: true }),
    },
  };
}

function keptOf(cdr: Cdr): CdrEvidence['cdr'] {
  return Object.fromEntries(KEPT_FIELDS.map((name) => [name, cdr[name]])) as CdrEvidence['cdr'];
}

function firstOf({ cdr, callflows }: CdrRecord): FirstProfile {
  const first = callflows.at(-1);
  return {
    caller_id_name: first?.caller_id_name ?? cdr.caller_id_name,
    caller_id_number: first?.caller_id_number ?? cdr.caller_id_number,
    ani: first?.ani ?? null,
    destination_number: first?.destination_number ?? cdr.destination_number,
    context: first?.context ?? cdr.context,
    channel_name: first?.chan_name ?? null,
  };
}

function partnersOf({ cdr, leg_variables, callflows }: CdrRecord): LegEvidence['partners'] {
  const found = partnersInVariables(cdr.uuid, leg_variables);
  for (const { originator_uuids, originatee_uuids } of callflows) {
    for (const uuid of [...originator_uuids, ...originatee_uuids]) addPartner(found, cdr.uuid, uuid);
  }
  return [...found].map((uuid) => [uuid, cdr.end_us] as const);
}
