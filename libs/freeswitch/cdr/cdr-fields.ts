import type { Callflow, Cdr } from '../../records/cdr-record.ts';
import { keptText, MAX_FIELD_LENGTH } from '../kept-value.ts';
import { MAX_UUID_LENGTH } from '../leg-uuid.ts';
import { type CallerProfile, type CdrDocument, type DocumentCallflow, firstOf } from './cdr-document.ts';
import { CdrRejected } from './cdr-rejection.ts';
import { microseconds, timesOf } from './cdr-times.ts';
import { recordingPathOf } from './recording-path.ts';

/** What the document itself may lack. */
export interface FieldHints {
  /** the uuid of the URL's query, without `a_` */
  uuid?: string | undefined;
  /** the switchname that the credential is bound to */
  node?: string | undefined;
}

/** The variables that fields, times and the recording's path are read from: whatever reads another one adds it here. */
const FIELD_VARIABLES: ReadonlySet<string> = new Set([
  ...['uuid', 'direction', 'FreeSWITCH-Switchname', 'call_uuid', 'sip_call_id', 'context', 'user_context'],
  ...[
    'caller_id_name',
    'caller_id_number',
    'destination_number',
    'domain_name',
    'dialed_domain',
    'accountcode',
  ],
  ...['hangup_cause', 'hangup_cause_q850', 'sip_hangup_disposition', 'sip_term_status'],
  ...['read_codec', 'write_codec', 'remote_media_ip', 'rtp_audio_in_mos'],
  ...['rtp_audio_in_packet_count', 'rtp_audio_out_packet_count'],
  ...[
    'start_uepoch',
    'start_epoch',
    'profile_start_uepoch',
    'profile_start_epoch',
    'end_uepoch',
    'end_epoch',
  ],
  ...['answer_uepoch', 'answer_epoch', 'progress_uepoch', 'progress_epoch'],
  ...['progress_media_uepoch', 'progress_media_epoch', 'duration', 'billsec', 'uduration'],
  ...[
    'recording_path',
    'recording_file',
    'record_file_path',
    'cc_record_filename',
    'record_path',
    'record_name',
  ],
]);

/** Whether a typed field may come from this variable. */
export function isFieldVariable(name: string): boolean {
  return FIELD_VARIABLES.has(name);
}

/**
 * The typed fields of a CDR. Caller and destination are the newest callflow's, as FreeSWITCH's own templates have them.
 * @throws CdrRejected `cdr-no-uuid`, `cdr-no-start`
 */
export function fieldsOf(document: CdrDocument, hints: FieldHints): Cdr {
  const { variables, callflows } = document;
  const profile: CallerProfile = callflows[0]?.caller_profile ?? {};
  const text = (...names: string[]) => orNull(firstOf(variables, ...names));
  const whole = (name: string) => integerOf(firstOf(variables, name));
  return {
    uuid: uuidOf(document, hints),
    switch_name: switchNameOf(document, hints),
    core_uuid: orNull(document.core_uuid),
    call_uuid: text('call_uuid'),
    sip_call_id: text('sip_call_id'),
    direction: directionOf(document),
    caller_id_name: orNull(profile['caller_id_name']) ?? text('caller_id_name'),
    caller_id_number: orNull(profile['caller_id_number']) ?? text('caller_id_number'),
    destination_number: orNull(profile['destination_number']) ?? text('destination_number'),
    context: orNull(profile['context']) ?? text('context', 'user_context'),
    domain: text('domain_name', 'dialed_domain'),
    accountcode: text('accountcode'),
    ...timesOf(document),
    hangup_cause: text('hangup_cause'),
    hangup_cause_q850: whole('hangup_cause_q850'),
    sip_hangup_disposition: text('sip_hangup_disposition'),
    sip_term_status: whole('sip_term_status'),
    recording_path: orNull(recordingPathOf(document) ?? undefined),
    read_codec: text('read_codec'),
    write_codec: text('write_codec'),
    remote_media_ip: text('remote_media_ip'),
    mos: mosOf(document),
    rtp_audio_in_packet_count: whole('rtp_audio_in_packet_count'),
    rtp_audio_out_packet_count: whole('rtp_audio_out_packet_count'),
  };
}

/** The callflow's, since a loopback bowout leaves another leg's uuid in `variables/uuid`. */
function uuidOf({ callflows, variables }: CdrDocument, hints: FieldHints): string {
  const profiled = callflows
    .map(({ caller_profile }) => cleanUuid(caller_profile['uuid']))
    .find((uuid) => uuid);
  const uuid = profiled || cleanUuid(hints.uuid) || cleanUuid(firstOf(variables, 'uuid'));
  if (uuid === '') throw new CdrRejected('cdr-no-uuid', 'the document names no leg');
  if (uuid.length > MAX_UUID_LENGTH)
    throw new CdrRejected('cdr-no-uuid', 'the uuid is longer than 256 characters');
  return uuid;
}

/** Of NUL alone nothing is left. */
function cleanUuid(uuid: string | undefined): string {
  return uuid === undefined ? '' : keptText(uuid);
}

function switchNameOf({ switchname, variables }: CdrDocument, hints: FieldHints): string {
  const name = switchname || hints.node || firstOf(variables, 'FreeSWITCH-Switchname');
  return keptText(name ?? 'unknown');
}

function directionOf({ variables, channel_data }: CdrDocument): Cdr['direction'] {
  const direction = firstOf(variables, 'direction') ?? channel_data['direction'];
  return direction === 'inbound' || direction === 'outbound' ? direction : null;
}

/** FreeSWITCH starts at 4.5: without a packet received the figure means nothing. */
function mosOf({ variables }: CdrDocument): number | null {
  const received = integerOf(firstOf(variables, 'rtp_audio_in_packet_count')) ?? 0;
  const mos = Number(firstOf(variables, 'rtp_audio_in_mos') ?? Number.NaN);
  return received > 0 && mos >= 0 && mos <= 5 ? mos : null;
}

/** What a callflow says to legs and correlation. */
export function callflowFields(callflow: DocumentCallflow): Callflow {
  const { caller_profile: profile, times } = callflow;
  const time = (name: string) => microseconds(times[name]) ?? null;
  return {
    unique_id: orNull(callflow.unique_id),
    profile_index: integerOf(callflow.profile_index),
    caller_id_name: orNull(profile['caller_id_name']),
    caller_id_number: orNull(profile['caller_id_number']),
    callee_id_number: orNull(profile['callee_id_number']),
    ani: orNull(profile['ani']),
    network_addr: orNull(profile['network_addr']),
    rdnis: orNull(profile['rdnis']),
    destination_number: orNull(profile['destination_number']),
    uuid: orNull(profile['uuid']),
    context: orNull(profile['context']),
    chan_name: orNull(profile['chan_name']),
    originator_uuids: uuidsOf(callflow.originators),
    originatee_uuids: uuidsOf([...callflow.originatees, ...callflow.originations]),
    created_us: time('created_time'),
    answered_us: time('answered_time'),
    bridged_us: time('bridged_time'),
    hangup_us: time('hangup_time'),
    transfer_us: time('transfer_time'),
  };
}

function uuidsOf(profiles: readonly CallerProfile[]): string[] {
  return [...new Set(profiles.flatMap(({ uuid }) => (uuid ? [keptText(uuid)] : [])))];
}

function orNull(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : keptText(text, MAX_FIELD_LENGTH);
}

function integerOf(text: string | undefined): number | null {
  return text !== undefined && /^-?\d{1,9}$/.test(text) ? Number(text) : null;
}
