import { Type } from 'typebox';
import { Microseconds, nullable } from './variables.ts';

export const DISPOSITIONS = ['answered', 'busy', 'no-answer', 'cancelled', 'failed', 'interrupted'] as const;
export const Disposition = Type.Enum(DISPOSITIONS);
export type Disposition = (typeof DISPOSITIONS)[number];

export const ANSWERED_BY = ['user', 'external', 'voicemail', 'conference', 'queue', 'ivr'] as const;
export const AnsweredBy = Type.Enum(ANSWERED_BY);
export type AnsweredBy = (typeof ANSWERED_BY)[number];

/** Topic `switchfleet.calls`: all legs of one conversation, over all nodes; a pure function of its legs. */
export const Call = Type.Object({
  v: Type.Literal(1),
  id: Type.String({ description: 'derived from the earliest leg by (start, uuid)' }),
  revision: Type.Integer(),
  /** set once, on the record that says this id was superseded by another */
  merged_into: nullable(Type.String()),
  state: Type.Union([Type.Literal('live'), Type.Literal('finished')]),
  tenant: nullable(Type.String()),
  domain: nullable(Type.String()),
  direction: nullable(
    Type.Union([Type.Literal('inbound'), Type.Literal('outbound'), Type.Literal('internal')]),
  ),
  caller_id_name: nullable(Type.String()),
  caller: nullable(Type.String()),
  callee: nullable(Type.String({ description: 'the number the first server was asked for' })),
  did: nullable(Type.String()),
  trunk: nullable(Type.String()),
  /** in order of the SIP path */
  nodes: Type.Array(Type.String()),
  legs: Type.Array(Type.String({ description: 'leg uuids in order of the SIP path' })),
  start_us: Microseconds,
  answer_us: nullable(Microseconds),
  end_us: nullable(Microseconds),
  duration: nullable(Type.Number({ description: 'seconds, from start to end' })),
  billsec: nullable(Type.Number({ description: 'seconds, from answer to end' })),
  pdd_ms: nullable(Type.Integer()),
  hangup_cause: nullable(Type.String()),
  hangup_by: nullable(Type.Union([Type.Literal('caller'), Type.Literal('callee'), Type.Literal('system')])),
  disposition: nullable(Disposition),
  answered_by: nullable(AnsweredBy),
  mos: nullable(Type.Number()),
  recording_paths: Type.Array(Type.String()),
  transfers: Type.Array(
    Type.Object({ at_us: nullable(Microseconds), kind: Type.String(), to: nullable(Type.String()) }),
  ),
});
export type Call = Type.Static<typeof Call>;
