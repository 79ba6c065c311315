/** Where FreeSWITCH names the gateway that a leg left by, and the one of which an inbound leg came (sofia.c, `gw+NAME`). */
export const GATEWAY_VARIABLES = ['sip_gateway_name', 'sip_gateway'] as const;

/**
 * The channel variables that legs and calls are folded from, by FreeSWITCH's own names. They travel in `CdrRecord.leg_variables` and,
 * with those that only events tell and the configured list, in `ChannelEvent.variables`.
 */
const FOLDED_VARIABLES: ReadonlySet<string> = new Set([
  // identity, and uuids of other legs
  'originator',
  'originating_leg_uuid',
  'originated_legs',
  'originate_signal_bond',
  'ent_originate_aleg_uuid',
  'signal_bond',
  'bridge_uuid',
  'last_bridge_to',
  'soft_holding_uuid',
  'other_leg_true_id',
  'is_loopback',
  // SIP identity
  'sip_call_id',
  'sip_from_tag',
  'sip_from_user',
  'sip_to_user',
  'sip_to_host',
  'sip_req_user',
  'sip_req_host',
  'sip_received_ip',
  'sip_network_ip',
  'sip_gateway_name',
  'sip_gateway',
  'sip_auth_username',
  'max_forwards',
  // whose call it is
  'domain_name',
  'user_name',
  'dialed_user',
  'dialed_domain',
  'accountcode',
  // transfers, pickups, replacements
  'refer_uuid',
  'sip_referred_by_user',
  'intercepted_by',
  'intercept_uuid',
  // outcome
  'hangup_cause',
  'hangup_cause_q850',
  'proto_specific_hangup_cause',
  'last_bridge_hangup_cause',
  'originate_disposition',
  'endpoint_disposition',
  'sip_term_status',
  'sip_hangup_disposition',
  'sip_invite_failure_status',
  'last_app',
  // who answered
  'voicemail_account',
  'conference_name',
  'valet_lot_extension',
  // quality
  'rtp_audio_in_mos',
  'rtp_audio_in_packet_count',
]);

/**
 * What else an event tells of its leg. A CDR's record has its typed fields and the whole document beside it, so that these would be a
 * quarter of its bytes for nothing.
 */
const TOLD_VARIABLES: ReadonlySet<string> = new Set([
  // identity, and uuids of other legs
  'uuid',
  'call_uuid',
  'direction',
  'bridge_to',
  'bridge_channel',
  'last_bridge_role',
  'uuid_bridge',
  'is_outbound',
  'channel_name',
  'presence_id',
  'app_session_uuid',
  // SIP identity
  'sip_to_tag',
  'sip_from_host',
  'sip_from_display',
  'sip_contact_host',
  'sip_destination_url',
  'sip_invite_domain',
  'sip_profile_name',
  'sofia_profile_name',
  'sip_user_agent',
  'sip_auth_realm',
  'sip_authorized',
  // whose call it is
  'domain_uuid',
  'toll_allow',
  'caller_id_name',
  'caller_id_number',
  'effective_caller_id_name',
  'effective_caller_id_number',
  'origination_caller_id_name',
  'origination_caller_id_number',
  'original_caller_id_name',
  'original_caller_id_number',
  'original_destination_number',
  'pre_transfer_caller_id_name',
  'pre_transfer_caller_id_number',
  // transfers, pickups, replacements
  'sip_refer_to',
  'sip_refer_status_code',
  'sip_refer_target_status_code',
  'sip_referred_by',
  'sip_referred_by_uri',
  'sip_referred_by_host',
  'sip_replaces_call_id',
  '_sofia_replaces_',
  'att_xfer_result',
  'att_xfer_destination_number',
  'att_xfer_caller_id_number',
  'xfer_uuids',
  'group_dial_status',
  'park_timeout',
  // outcome
  'last_bridge_proto_specific_hangup_cause',
  'bridge_hangup_cause',
  'originate_failed_cause',
  'originate_causes',
  'originate_endpoint',
  'DIALSTATUS',
  'sip_term_cause',
  'sip_hangup_phrase',
  'sip_invite_failure_phrase',
  'sip_reason',
  'last_arg',
  'current_application',
  'call_completed_elsewhere',
  // times and durations that a CDR's document gives
  'start_uepoch',
  'progress_uepoch',
  'progress_media_uepoch',
  'answer_uepoch',
  'bridge_uepoch',
  'end_uepoch',
  'hold_accum_usec',
  'duration',
  'billsec',
  // who answered
  'voicemail_domain',
  'voicemail_message_len',
  'conference_uuid',
  'conference_member_id',
  'ivr_menu_uuid',
  'queue_name',
  // recording
  'recording_path',
  'record_path',
  'record_name',
  'record_file_path',
  'recording_file',
  'cc_record_filename',
  // quality
  'read_codec',
  'write_codec',
  'remote_media_ip',
  'rtp_audio_in_quality_percentage',
  'rtp_audio_in_media_packet_count',
  'rtp_audio_in_skip_packet_count',
  'rtp_audio_in_jitter_max_variance',
  'rtp_audio_in_jitter_loss_rate',
  'rtp_audio_in_mean_interval',
  'rtp_audio_in_flaw_total',
  'rtp_audio_out_packet_count',
  'rtp_audio_out_media_packet_count',
]);

/** Families that are kept whole: FreeSWITCH and dialplans invent members of them. Header names keep the sender's case. */
const FAMILIES = /^(?:sip_(?:h|ph|rh)_x-|sip_h_referred-by|cc_|(?:other_)?loopback_|transfer_)/i;

/** Whether a leg is folded from this variable. */
export function isFoldedVariable(name: string): boolean {
  return FOLDED_VARIABLES.has(name) || FAMILIES.test(name);
}

/** Whether an event tells this variable of its leg. */
export function isLegVariable(name: string): boolean {
  return TOLD_VARIABLES.has(name) || isFoldedVariable(name);
}
