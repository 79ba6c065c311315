import type { EndedBy } from './leg-end.ts';

/** One channel of one node: what all evidence about its uuid adds up to. Times are µs since 1970. */
export interface Leg {
  uuid: string;
  node: string;
  core_uuid: string | null;
  direction: 'inbound' | 'outbound' | null;
  state: 'ringing' | 'early' | 'answered' | 'held' | 'ended';
  start_us: number;
  progress_us: number | null;
  progress_media_us: number | null;
  answer_us: number | null;
  /** when it was first put through to another leg */
  bridged_us: number | null;
  end_us: number | null;
  ended_by: EndedBy | null;
  /** its node died under it, and nothing else says how it ended */
  is_interrupted: boolean;
  /** its own hangup or CDR ended it: what becomes of its node means nothing to it any more */
  is_settled: boolean;
  last_event_us: number;
  /** as it was born: before any transfer or pick-up */
  caller_id_name: string | null;
  caller_id_number: string | null;
  destination_number: string | null;
  context: string | null;
  channel_name: string | null;
  accountcode: string | null;
  hangup_cause: string | null;
  hangup_cause_q850: number | null;
  sip_hangup_disposition: string | null;
  sip_status: number | null;
  sip_call_id: string | null;
  sip_from_tag: string | null;
  max_forwards: number | null;
  /** where its request came from: of an inbound leg the sender, of an outbound one whoever answered */
  peer_ip: string | null;
  /** value of the correlation header; whether it counts is for correlationKeys to say */
  correlation_id: string | null;
  originator: string | null;
  is_loopback: boolean;
  /** domains it may belong to, the best source first */
  domain_name: string | null;
  to_host: string | null;
  req_host: string | null;
  trunk: string | null;
  /** the user it was authenticated as, or that it rang */
  user: string | null;
  application: string | null;
  conference: string | null;
  queue: string | null;
  is_queue_member: boolean;
  voicemail: string | null;
  is_parked: boolean;
  transfer_history: readonly string[];
  transfer_disposition: string | null;
  referred_by: string | null;
  recording_paths: readonly string[];
  mos: number | null;
  /** every other leg that it names, sorted */
  partners: readonly string[];
  /** moments at which legs were put through to each other, as its events tell */
  bridges: readonly (readonly [at_us: number, a: string, b: string])[];
}
