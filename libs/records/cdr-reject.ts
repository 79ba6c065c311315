import { Type } from 'typebox';
import { nullable } from './variables.ts';

/** Topic `switchfleet.cdr-rejects`: bytes that were posted as a CDR and could not be read, kept whole. */
export const CdrReject = Type.Object({
  v: Type.Literal(1),
  reason: Type.String({ description: 'the coded reason, e.g. cdr-truncated' }),
  detail: Type.String(),
  node: nullable(Type.String({ description: 'switchname by credential, else unknown' })),
  uuid: nullable(Type.String({ description: 'the hint from ?uuid=' })),
  source_ip: nullable(Type.String()),
  path: Type.String(),
  content_type: nullable(Type.String()),
  /** without a last one: what a wrong clock dated is kept as the reject that it is, at a time that can be told */
  received_us: Type.Integer({ minimum: 0, description: 'microseconds since 1970-01-01 UTC' }),
  /** the request body as it came, base64 */
  body_base64: Type.String(),
});
export type CdrReject = Type.Static<typeof CdrReject>;
