import { Type } from 'typebox';
import { Microseconds, nullable } from './variables.ts';

/** Topic `switchfleet.load`: what a node carries, from its last HEARTBEAT and its event stream. */
export const NodeLoad = Type.Object({
  v: Type.Literal(1),
  node: Type.String(),
  core_uuid: nullable(Type.String()),
  /** INSTANCE_ID of the collector that follows the node */
  collector: Type.Optional(Type.String()),
  clock_offset_us: Type.Optional(
    nullable(Type.Integer({ description: "the node's clock minus the collector's" })),
  ),
  /** when the collector made this record, in the collector's clock */
  at_us: Microseconds,
  /** receipt of the last HEARTBEAT at the collector, in the collector's clock */
  heartbeat_us: nullable(Microseconds),
  sessions: Type.Integer({ description: 'live channels counted from the event stream' }),
  max_sessions: nullable(Type.Integer()),
  sessions_per_second: nullable(Type.Integer()),
  max_sessions_per_second: nullable(Type.Integer()),
  idle_cpu: nullable(Type.Number({ description: 'percent' })),
  uptime_ms: nullable(Type.Integer()),
  version: nullable(Type.String()),
  sessions_total: nullable(Type.Integer({ description: 'sessions since the core started' })),
  sessions_peak: nullable(Type.Integer()),
  /** live channels by trunk (X-Switchfleet-Trunk, else sip_gateway_name or sip_gateway) */
  trunks: Type.Record(Type.String(), Type.Integer()),
  /** live channels by what keeps their callers together, such as `conference:3000@a.example` (X-Switchfleet-Pin) */
  pins: Type.Optional(Type.Record(Type.String(), Type.Integer())),
});
export type NodeLoad = Type.Static<typeof NodeLoad>;
