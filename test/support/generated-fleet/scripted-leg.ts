import { createHash } from 'node:crypto';
import type { CdrRecord } from '../../../libs/records/cdr-record.ts';
import type { ChannelEvent } from '../../../libs/records/channel-event.ts';
import type { Variables } from '../../../libs/records/variables.ts';
import type { Source } from './spec.ts';

/** One leg as a script has it: what becomes of it, and what tells of it. */
export interface ScriptedLeg {
  uuid: string;
  node: string;
  core: string;
  direction: 'inbound' | 'outbound';
  startUs: number;
  answerUs: number | null;
  endUs: number;
  cause: string;
  callId: string;
  caller: string;
  destination: string;
  source: Source;
  /** who was put through to it, and when */
  bridges: readonly { atUs: number; other: string }[];
  /** variables that it has from its birth, and those that it has at its end */
  born: Variables;
  ended: Variables;
}

/** Everything that FreeSWITCH says of a leg in events. */
export function eventsOf(leg: ScriptedLeg): ChannelEvent[] {
  if (!leg.source.startsWith('events')) return [];
  const dialog: Variables = { ...leg.born, sip_call_id: leg.callId };
  const steps: Step[] = [
    // An outbound leg has no Call-ID before its INVITE went out.
    ['CHANNEL_CREATE', leg.startUs, {}, leg.direction === 'outbound' ? leg.born : dialog],
    ['CHANNEL_PROGRESS', leg.startUs + 40_000, { 'Answer-State': 'early' }, dialog],
  ];
  if (leg.answerUs !== null)
    steps.push(['CHANNEL_ANSWER', leg.answerUs, { 'Answer-State': 'answered' }, dialog]);
  for (const { atUs, other } of leg.bridges) {
    const headers = {
      'Bridge-A-Unique-ID': leg.uuid,
      'Bridge-B-Unique-ID': other,
      'Other-Leg-Unique-ID': other,
    };
    steps.push(['CHANNEL_BRIDGE', atUs, headers, { ...dialog, bridge_uuid: other }]);
  }
  const hangup = { 'Hangup-Cause': leg.cause, 'Answer-State': 'hangup' };
  steps.push(['CHANNEL_HANGUP', leg.endUs, hangup, dialog]);
  steps.push(['CHANNEL_HANGUP_COMPLETE', leg.endUs, hangup, { ...dialog, ...leg.ended }]);
  return steps
    .filter(([, atUs]) => atUs <= leg.endUs)
    .map((step, at) => eventOf(leg, step, sequenceOf(leg) + at));
}

type Step = [name: string, atUs: number, headers: Record<string, string>, variables: Variables];

function sequenceOf({ uuid }: ScriptedLeg): number {
  return createHash('md5').update(uuid).digest().readUInt16BE(0) * 16;
}

function eventOf(
  leg: ScriptedLeg,
  [event_name, at_us, headers, variables]: Step,
  sequence: number,
): ChannelEvent {
  const time = (us: number | null) => String(us !== null && us <= at_us ? us : 0);
  return {
    v: 1,
    uuid: leg.uuid,
    node: leg.node,
    core_uuid: leg.core,
    event_name,
    event_subclass: null,
    sequence,
    at_us,
    received_us: at_us,
    headers: {
      'Call-Direction': leg.direction,
      'Caller-Caller-ID-Number': leg.caller,
      'Caller-Destination-Number': leg.destination,
      'Caller-Channel-Created-Time': String(leg.startUs),
      'Caller-Channel-Answered-Time': time(leg.answerUs),
      ...headers,
    },
    variables,
  };
}

/** The CDRs that it was posted as. */
export function cdrsOf(leg: ScriptedLeg): CdrRecord[] {
  const formats = ['xml', 'json'] as const;
  const own = formats
    .filter((format) => leg.source.includes(format) || leg.source === 'events+both')
    .map((format) => cdrOf(leg, format));
  return leg.source.includes('history') ? [...own, historyOf(leg)] : own;
}

/** The leg as another system's table has it: whole seconds, and no core. */
function historyOf(leg: ScriptedLeg): CdrRecord {
  const record = cdrOf(leg, 'json');
  const whole = (us: number) => Math.floor(us / 1e6) * 1e6;
  const { answerUs, startUs, endUs } = leg;
  return {
    ...record,
    node: `${leg.node}-old`,
    imported: true,
    body_sha256: createHash('sha256').update(`history ${leg.uuid}`).digest('hex'),
    cdr: {
      ...record.cdr,
      switch_name: `${leg.node}-old`,
      core_uuid: null,
      start_us: whole(startUs),
      answer_us: answerUs === null ? null : whole(answerUs),
      end_us: whole(endUs),
      sip_hangup_disposition: null,
      mos: null,
    },
  };
}

function cdrOf(leg: ScriptedLeg, format: 'xml' | 'json'): CdrRecord {
  const seconds = (from: number | null) => (from === null ? 0 : Math.floor((leg.endUs - from) / 1e6));
  return {
    v: 1,
    format,
    node: leg.node,
    received_us: leg.endUs,
    body: '',
    body_encoding: 'base64',
    body_dictionary: null,
    body_size: 0,
    body_sha256: createHash('sha256').update(`${format} ${leg.uuid}`).digest('hex'),
    cdr: {
      uuid: leg.uuid,
      switch_name: leg.node,
      core_uuid: leg.core,
      call_uuid: leg.uuid,
      sip_call_id: leg.callId,
      direction: leg.direction,
      caller_id_name: null,
      caller_id_number: leg.caller,
      destination_number: leg.destination,
      context: 'default',
      domain: null,
      accountcode: null,
      start_us: leg.startUs,
      progress_us: null,
      progress_media_us: null,
      answer_us: leg.answerUs,
      end_us: leg.endUs,
      duration: seconds(leg.startUs),
      billsec: seconds(leg.answerUs),
      hangup_cause: leg.cause,
      hangup_cause_q850: 16,
      sip_hangup_disposition: 'send_bye',
      sip_term_status: null,
      recording_path: null,
      read_codec: null,
      write_codec: null,
      remote_media_ip: null,
      mos: leg.answerUs === null ? null : 4.5,
      rtp_audio_in_packet_count: null,
      rtp_audio_out_packet_count: null,
    },
    variables: {},
    leg_variables: { ...leg.born, ...leg.ended, sip_call_id: leg.callId },
    callflows: [],
  };
}
