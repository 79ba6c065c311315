/** What a fold reads, by FreeSWITCH's names: nothing else of a record stays in a leg's evidence. */

/** Headers of the first event: what the leg was when it was born, before a transfer or a pick-up wrote over it. */
export const BIRTH_HEADERS = [
  'Call-Direction',
  'Channel-Name',
  'Caller-Caller-ID-Name',
  'Caller-Caller-ID-Number',
  'Caller-ANI',
  'Caller-Destination-Number',
  'Caller-Context',
] as const;

/** Headers of the last event that has them. */
export const LATEST_HEADERS = ['Channel-Call-State', 'Answer-State', 'Conference-Name'] as const;

/** Variables of the last event that has them, and of the CDR. */
export const LEG_FACTS: ReadonlySet<string> = new Set([
  'originator',
  'originating_leg_uuid',
  'other_loopback_leg_uuid',
  'other_loopback_from_uuid',
  'loopback_leg',
  'is_loopback',
  'sip_call_id',
  'sip_from_tag',
  'sip_received_ip',
  'sip_network_ip',
  'max_forwards',
  'sip_to_host',
  'sip_req_host',
  'sip_to_user',
  'sip_req_user',
  'sip_from_user',
  'sip_auth_username',
  'sip_gateway_name',
  'sip_gateway',
  'domain_name',
  'user_name',
  'dialed_user',
  'dialed_domain',
  'accountcode',
  'hangup_cause',
  'hangup_cause_q850',
  'sip_hangup_disposition',
  'sip_term_status',
  'sip_invite_failure_status',
  'proto_specific_hangup_cause',
  'originate_disposition',
  'last_bridge_hangup_cause',
  'endpoint_disposition',
  'transfer_disposition',
  'transfer_history',
  'sip_referred_by_user',
  'last_app',
  'last_bridge_to',
  'bridge_uuid',
  'conference_name',
  'voicemail_account',
  'valet_lot_extension',
  'cc_queue',
  'cc_side',
  'cc_cause',
  'cc_agent',
  'cc_agent_bridged',
  'rtp_audio_in_mos',
  'rtp_audio_in_packet_count',
]);

/** Headers that name another leg. */
export const PARTNER_HEADERS = [
  'Other-Leg-Unique-ID',
  'Bridge-A-Unique-ID',
  'Bridge-B-Unique-ID',
  'Bridge-To-UUID',
  'Bridged-To',
  'Resigning-UUID',
  'Resigning-Peer-UUID',
  'Acquired-UUID',
  'Old-Unique-ID',
  'CC-Member-Session-UUID',
  'CC-Agent-UUID',
] as const;

/**
 * Variables that name other legs, in FreeSWITCH's sources. Never `call_uuid`: it is the leg's own as often as its
 * partner's.
 */
export const PARTNER_VARIABLES = [
  'originator',
  'originating_leg_uuid',
  'originated_legs',
  'ent_originate_aleg_uuid',
  'bridge_uuid',
  'last_bridge_to',
  'signal_bond',
  'originate_signal_bond',
  'loopback_from_uuid',
  'loopback_bowout_other_uuid',
  'other_loopback_leg_uuid',
  'other_loopback_from_uuid',
  'other_leg_true_id',
  'refer_uuid',
  'soft_holding_uuid',
  'intercepted_by',
  'intercept_uuid',
  'transfer_history',
  'cc_member_session_uuid',
  'cc_agent_uuid',
] as const;
