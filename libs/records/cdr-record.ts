import { Type } from 'typebox';
import { Microseconds, nullable, Variables } from './variables.ts';

/** The typed columns of one CDR, spelled as FreeSWITCH's variables and as the columns of table `cdr`. */
export const Cdr = Type.Object({
  uuid: Type.String({
    description: "the leg's uuid: the newest callflow's caller_profile/uuid, never variables/uuid alone",
  }),
  switch_name: Type.String({ description: 'the node' }),
  core_uuid: nullable(Type.String()),
  call_uuid: nullable(Type.String()),
  sip_call_id: nullable(Type.String()),
  direction: nullable(Type.Union([Type.Literal('inbound'), Type.Literal('outbound')])),
  caller_id_name: nullable(Type.String()),
  caller_id_number: nullable(Type.String()),
  destination_number: nullable(Type.String()),
  context: nullable(Type.String()),
  domain: nullable(Type.String()),
  accountcode: nullable(Type.String()),
  start_us: Microseconds,
  progress_us: nullable(Microseconds),
  progress_media_us: nullable(Microseconds),
  answer_us: nullable(Microseconds),
  end_us: Microseconds,
  duration: Type.Integer({ description: 'seconds' }),
  billsec: Type.Integer({ description: 'seconds' }),
  hangup_cause: nullable(Type.String()),
  hangup_cause_q850: nullable(Type.Integer()),
  sip_hangup_disposition: nullable(Type.String()),
  sip_term_status: nullable(Type.Integer()),
  recording_path: nullable(Type.String()),
  read_codec: nullable(Type.String()),
  write_codec: nullable(Type.String()),
  remote_media_ip: nullable(Type.String()),
  mos: nullable(Type.Number({ description: 'NULL when no packet was received' })),
  rtp_audio_in_packet_count: nullable(Type.Integer()),
  rtp_audio_out_packet_count: nullable(Type.Integer()),
});
export type Cdr = Type.Static<typeof Cdr>;

/** One `callflow` of a CDR: what the leg was asked for in one pass through the dialplan. */
export const Callflow = Type.Object({
  unique_id: nullable(Type.String()),
  profile_index: nullable(Type.Integer()),
  caller_id_name: nullable(Type.String()),
  caller_id_number: nullable(Type.String()),
  callee_id_number: nullable(Type.String()),
  ani: nullable(Type.String()),
  network_addr: nullable(Type.String()),
  rdnis: nullable(Type.String()),
  destination_number: nullable(Type.String()),
  uuid: nullable(Type.String()),
  context: nullable(Type.String()),
  chan_name: nullable(Type.String()),
  /** uuids of `originator`, `originatee` and `origination` caller profiles */
  originator_uuids: Type.Array(Type.String()),
  originatee_uuids: Type.Array(Type.String()),
  created_us: nullable(Microseconds),
  answered_us: nullable(Microseconds),
  bridged_us: nullable(Microseconds),
  hangup_us: nullable(Microseconds),
  transfer_us: nullable(Microseconds),
});
export type Callflow = Type.Static<typeof Callflow>;

/** Topic `switchfleet.cdrs`: one CDR as it was posted, and what we read in it. */
export const CdrRecord = Type.Object({
  v: Type.Literal(1),
  format: Type.Union([Type.Literal('xml'), Type.Literal('json')]),
  node: Type.String({ description: 'switchname, as the document says it' }),
  received_us: Microseconds,
  /** the document as FreeSWITCH made it (after form, URL or base64 decoding), byte for byte: packed, in base64 */
  body: Type.String(),
  body_encoding: Type.Union([Type.Literal('base64'), Type.Literal('zstd')], {
    description: 'base64: the document itself; zstd: packed with the dictionary of body_dictionary',
  }),
  body_dictionary: nullable(Type.Integer()),
  body_size: Type.Integer({ description: 'bytes of the document' }),
  body_sha256: Type.String({ description: 'of the document, hex' }),
  imported: Type.Optional(
    Type.Boolean({
      description:
        "made of another system's row, whose times are whole seconds: the leg's own CDR takes its place",
    }),
  ),
  cdr: Cdr,
  /** what table `cdr` keeps in its jsonb column: the configured list */
  variables: Variables,
  /** what legs and calls are folded from (libs/freeswitch/leg-variables.ts): a part of what ChannelEvent has, by the same names */
  leg_variables: Variables,
  /** newest first, as FreeSWITCH writes them */
  callflows: Type.Array(Callflow),
});
export type CdrRecord = Type.Static<typeof CdrRecord>;
