import { Type } from 'typebox';
import { Microseconds, nullable } from './variables.ts';

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
  received_us: Microseconds,
  /** the request body as it came, base64 */
  body_base64: Type.String(),
});
export type CdrReject = Type.Static<typeof CdrReject>;
