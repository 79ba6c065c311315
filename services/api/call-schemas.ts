import { Type } from 'typebox';
import { Call } from '../../libs/records/call.ts';
import { Microseconds, nullable } from '../../libs/records/variables.ts';
import type { StoredCall, StoredLeg } from '../../libs/store/search/calls.ts';
import { toInstant } from '../../libs/store/search/instant.ts';

/** An instant for people; the `_us` field of the same name is for programs. */
const Instant = Type.String({ format: 'date-time', description: 'RFC 3339, UTC, microseconds' });
const Seconds = Type.Number({ description: 'seconds' });

const { v: _v, ...callFields } = Call.properties;
const corrected = {
  is_corrected: Type.Boolean({ description: 'it was finished, and evidence that came later changed it' }),
};
const instants = { start_at: Instant, answer_at: nullable(Instant), end_at: nullable(Instant) };

/** A call as lists show it; `legs` are uuids in order of the SIP path. */
export const CallItem = Type.Object({ ...callFields, ...instants, ...corrected });
export type CallItem = Type.Static<typeof CallItem>;

/** One leg of a call. */
export const LegItem = Type.Object({
  uuid: Type.String(),
  node: Type.String({ description: 'switchname' }),
  core_uuid: nullable(Type.String()),
  direction: nullable(Type.String({ description: 'inbound or outbound, as its node sees it' })),
  state: nullable(Type.String({ description: 'ringing, early, answered, held or ended' })),
  start_us: Microseconds,
  progress_us: nullable(Microseconds),
  answer_us: nullable(Microseconds),
  end_us: nullable(Microseconds),
  ...instants,
  duration: nullable(Seconds),
  billsec: nullable(Seconds),
  caller_id_name: nullable(Type.String()),
  caller_id_number: nullable(Type.String()),
  destination_number: nullable(Type.String()),
  domain: nullable(Type.String()),
  trunk: nullable(Type.String()),
  originator: nullable(Type.String({ description: 'uuid of the leg that made it' })),
  sip_call_id: nullable(Type.String()),
  sip_status: nullable(Type.Integer()),
  hangup_cause: nullable(Type.String()),
  ended_by: nullable(
    Type.String({ description: 'how its end is known: hangup, cdr, resync, core-changed, node-lost' }),
  ),
  accountcode: nullable(Type.String()),
  tenant: nullable(Type.String()),
  call_id: nullable(Type.String({ description: 'the call that it is of' })),
  is_interrupted: Type.Boolean({ description: 'its node died under it' }),
  mos: nullable(Type.Number()),
  recording_paths: Type.Array(Type.String()),
});
export type LegItem = Type.Static<typeof LegItem>;

/** A call with its legs, in order of the SIP path. */
export const CallDetail = Type.Object({
  ...callFields,
  ...instants,
  ...corrected,
  legs: Type.Array(
    Type.Object({
      ...LegItem.properties,
      proxy: nullable(
        Type.String({ description: 'our proxy that its signalling comes over, where one is known' }),
      ),
    }),
  ),
});
export type CallDetail = Type.Static<typeof CallDetail>;

export function toCallItem(call: StoredCall): CallItem {
  return { ...call, ...instantsOf(call), is_corrected: isCorrected(call) };
}

/** @param proxies names of our proxies by the uuid of a leg */
export function toCallDetail(
  call: StoredCall,
  legs: readonly StoredLeg[],
  proxies: ReadonlyMap<string, string>,
): CallDetail {
  const shown = legs.map((leg) => ({ ...toLegItem(leg), proxy: proxies.get(leg.uuid) ?? null }));
  return { ...toCallItem(call), legs: shown };
}

function isCorrected({ state, revision, finished_revision: finished }: StoredCall): boolean {
  return state === 'finished' && finished !== null && revision > finished;
}

export function toLegItem(leg: StoredLeg): LegItem {
  return { ...leg, ...instantsOf(leg) };
}

interface Times {
  start_us: number;
  answer_us: number | null;
  end_us: number | null;
}

function instantsOf({ start_us, answer_us, end_us }: Times) {
  return {
    start_at: toInstant(start_us),
    answer_at: answer_us === null ? null : toInstant(answer_us),
    end_at: end_us === null ? null : toInstant(end_us),
  };
}
