import { keptText, MAX_FIELD_LENGTH } from '../freeswitch/kept-value.ts';
import { GATEWAY_VARIABLES } from '../freeswitch/leg-variables.ts';
import { ownKinds } from '../freeswitch/sip-header.ts';
import type { LegEvidence } from './evidence.ts';
import { CORRELATION } from './facts.ts';
import type { FirstProfile } from './known-cdr.ts';
import { flatten, type Layers, type Value } from './layers.ts';
import type { Leg } from './leg.ts';
import { endOf, type Judgement, type LegEnd } from './leg-end.ts';
import { valuesOf } from './partners.ts';

/**
 * The leg that all evidence about one uuid adds up to. Pure: the same evidence gives the same leg, in whatever order it
 * came. What a CDR says beats what events said, but for what the leg was at its birth and for an earlier hangup.
 */
export function foldLeg(evidence: LegEvidence, judgement: Judgement): Leg {
  const end = endOf(evidence, judgement);
  const born = birthOf(evidence);
  const facts = factsOf(evidence);
  const text = (...names: string[]) => firstText(facts, names);
  return {
    uuid: evidence.uuid,
    node: evidence.node,
    core_uuid: evidence.core_uuid,
    state: stateOf(facts, end),
    ...timesOf(evidence, end),
    ...born,
    ...outcomeOf(evidence, facts),
    ...sipOf(facts),
    accountcode: text('accountcode'),
    originator: text('originator', 'originating_leg_uuid'),
    is_loopback: text('is_loopback') !== null || text('other_loopback_leg_uuid') !== null,
    domain_name: text('domain_name'),
    trunk: text(
      ...ownKinds(born.direction).map((kind) => `${kind}x-switchfleet-trunk`),
      ...GATEWAY_VARIABLES,
    ),
    user: text('sip_auth_username') ?? callingUser(facts, born.direction) ?? text('dialed_user'),
    application: text('last_app'),
    conference: text('conference_name', 'Conference-Name'),
    queue: text('cc_queue'),
    is_queue_member: text('cc_side') === 'member',
    voicemail: text('voicemail_account'),
    is_parked: text('last_app') === 'park' || text('valet_lot_extension') !== null,
    transfer_history: transferHistoryOf(facts),
    transfer_disposition: text('transfer_disposition'),
    referred_by: text('sip_referred_by_user'),
    recording_paths: evidence.recordings,
    partners: evidence.partners.map(([uuid]) => uuid).sort(),
    bridges: evidence.bridges,
  };
}

/** The address that a leg's signalling came from last; on an outbound leg that of who answered. */
export function peerIpOf(evidence: LegEvidence): string | null {
  return sipOf(factsOf(evidence)).peer_ip;
}

/**
 * Who was let in without a password: by the node for his address (an access list with users in it), or by our Kamailio, which
 * lets a user in under its own name only and says so on the INVITE.
 */
function callingUser(facts: Facts, direction: Leg['direction']): string | null {
  if (direction !== 'inbound') return null;
  const isLetIn = firstText(facts, ['sip_h_x-switchfleet-source']) === 'user';
  return firstText(facts, ['user_name']) ?? (isLetIn ? firstText(facts, ['sip_from_user']) : null);
}

type Facts = Readonly<Record<string, Value>>;

function factsOf({ latest, cdr }: LegEvidence): Facts {
  const seen = flatten(latest);
  return cdr?.imported ? { ...cdr.facts, ...seen } : Object.assign(seen, cdr?.facts);
}

function firstText(facts: Facts, names: readonly string[]): string | null {
  for (const name of names) {
    const value = valuesOf(facts[name]).find((item) => item !== '');
    if (value !== undefined)
      return value.length > MAX_FIELD_LENGTH ? keptText(value, MAX_FIELD_LENGTH) : value;
  }
  return null;
}

function stateOf(facts: Facts, end: LegEnd | null): Leg['state'] {
  if (end !== null) return 'ended';
  if (facts['Channel-Call-State'] === 'HELD') return 'held';
  const answer = facts['Answer-State'];
  if (answer === 'answered') return 'answered';
  return answer === 'early' ? 'early' : 'ringing';
}

type Times =
  | 'start_us'
  | 'progress_us'
  | 'progress_media_us'
  | 'answer_us'
  | 'bridged_us'
  | 'end_us'
  | 'ended_by';

function timesOf(
  evidence: LegEvidence,
  end: LegEnd | null,
): Pick<Leg, Times | 'is_interrupted' | 'is_settled' | 'last_event_us'> {
  const { start_us, moments, last_event_us, bridges } = evidence;
  const bridged = Math.min(
    moments.bridged_us ?? Number.POSITIVE_INFINITY,
    bridges[0]?.[0] ?? Number.POSITIVE_INFINITY,
  );
  return {
    start_us,
    progress_us: momentOf(evidence, 'progress_us'),
    progress_media_us: momentOf(evidence, 'progress_media_us'),
    answer_us: momentOf(evidence, 'answer_us'),
    bridged_us: Number.isFinite(bridged) ? bridged : null,
    end_us: end?.end_us ?? null,
    ended_by: end?.ended_by ?? null,
    is_interrupted: end?.ended_by === 'core-changed' || end?.ended_by === 'node-lost',
    is_settled: end?.ended_by === 'hangup' || end?.ended_by === 'cdr',
    last_event_us,
  };
}

/** Another system's row knows whole seconds: events know better, and nothing was before the leg. */
function momentOf(
  { start_us, moments, cdr }: LegEvidence,
  name: 'progress_us' | 'progress_media_us' | 'answer_us',
): number | null {
  const seen = moments[name] ?? null;
  const said = cdr?.cdr[name] ?? null;
  if (cdr?.imported !== true) return said ?? seen;
  return seen ?? (said === null ? null : Math.max(start_us, said));
}

type Birth =
  | 'direction'
  | 'caller_id_name'
  | 'caller_id_number'
  | 'destination_number'
  | 'context'
  | 'channel_name';

/** A CDR's oldest callflow is mostly right, but a pick-up leaves "Unknown" in it and an originate swaps its parties. */
function birthOf({ birth, cdr }: LegEvidence): Pick<Leg, Birth> {
  const seen = flatten(birth);
  const events = profileOf(seen);
  const direction = cdr?.cdr.direction ?? firstText(seen, ['Call-Direction']);
  const sources = isBirth(birth) ? [events, repaired(cdr?.first)] : [repaired(cdr?.first), events];
  const said = (name: keyof FirstProfile) =>
    sources.map((source) => source?.[name]).find((value) => value !== null && value !== undefined) ?? null;
  return {
    direction: direction === 'inbound' || direction === 'outbound' ? direction : null,
    caller_id_name: said('caller_id_name'),
    caller_id_number: said('caller_id_number'),
    destination_number: said('destination_number'),
    context: said('context'),
    channel_name: said('channel_name'),
  };
}

function isBirth(birth: Layers): boolean {
  return birth.some(({ values }) => values['birth'] === 'seen');
}

function profileOf(seen: Facts): FirstProfile {
  return {
    caller_id_name: firstText(seen, ['Caller-Caller-ID-Name']),
    caller_id_number: firstText(seen, ['Caller-Caller-ID-Number']),
    ani: firstText(seen, ['Caller-ANI']),
    destination_number: firstText(seen, ['Caller-Destination-Number']),
    context: firstText(seen, ['Caller-Context']),
    channel_name: firstText(seen, ['Channel-Name']),
  };
}

/** `ani` keeps the caller where FreeSWITCH wrote another party over the caller's number. */
function repaired(first: FirstProfile | undefined): FirstProfile | undefined {
  if (first === undefined || first.ani === null) return first;
  return { ...first, caller_id_number: first.ani };
}

function outcomeOf({ cdr }: LegEvidence, facts: Facts) {
  const q850 = cdr?.cdr.hangup_cause_q850 ?? codeIn(facts, 'hangup_cause_q850');
  return {
    hangup_cause: cdr?.cdr.hangup_cause ?? firstText(facts, ['Hangup-Cause', 'hangup_cause']),
    hangup_cause_q850: q850,
    sip_hangup_disposition: firstText(facts, ['sip_hangup_disposition']),
    sip_status: codeIn(facts, 'sip_term_status') ?? codeIn(facts, 'sip_invite_failure_status'),
    mos: cdr === null || cdr.imported ? (cdr?.cdr.mos ?? mosOf(facts)) : cdr.cdr.mos,
  };
}

/** FreeSWITCH starts at 4.5: without a packet received the figure means nothing. */
function mosOf(facts: Facts): number | null {
  const received = numberIn(facts, 'rtp_audio_in_packet_count') ?? 0;
  const mos = numberIn(facts, 'rtp_audio_in_mos') ?? Number.NaN;
  return received > 0 && mos >= 0 && mos <= 5 ? mos : null;
}

function sipOf(facts: Facts) {
  const text = (...names: string[]) => firstText(facts, names);
  return {
    sip_call_id: text('sip_call_id'),
    sip_from_tag: text('sip_from_tag'),
    max_forwards: numberIn(facts, 'max_forwards'),
    peer_ip: text('sip_received_ip', 'sip_network_ip'),
    correlation_id: text(CORRELATION),
    to_host: text('sip_to_host'),
    req_host: text('sip_req_host'),
  };
}

function numberIn(facts: Facts, name: string): number | null {
  const text = firstText(facts, [name]);
  const value = Number(text ?? Number.NaN);
  return Number.isFinite(value) ? value : null;
}

/** A cause or a status. Dialplans set variables, too: what is no integer of PostgreSQL must not keep a leg out of the store. */
function codeIn(facts: Facts, name: string): number | null {
  const value = numberIn(facts, name);
  return value !== null && Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? value : null;
}

/** Entries in FreeSWITCH's order; an event shows a history of several as one text joined by `|:`. */
function transferHistoryOf(facts: Facts): readonly string[] {
  return [...new Set(valuesOf(facts['transfer_history']).flatMap((entry) => entry.split('|:')))];
}
