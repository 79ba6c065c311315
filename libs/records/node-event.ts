import { Type } from 'typebox';
import { Microseconds, nullable } from './variables.ts';

export const NODE_STATES = [
  'connecting',
  'syncing',
  'live',
  'stale',
  'down',
  'refused',
  'duplicate-switchname',
] as const;
export const NodeState = Type.Enum(NODE_STATES);
export type NodeState = (typeof NODE_STATES)[number];

const base = {
  v: Type.Literal(1),
  node: Type.String({ description: 'switchname' }),
  /** in the node's clock: the collector's clock plus the offset it tracks */
  at_us: Microseconds,
  received_us: Microseconds,
};

/** The collector's connection to a node changed. On `down`, `at_us` is the moment the socket closed. */
export const NodeStateChanged = Type.Object({
  ...base,
  kind: Type.Literal('state'),
  state: NodeState,
  reason: Type.String(),
  core_uuid: nullable(Type.String()),
  clock_offset_us: nullable(Type.Integer({ description: 'node clock minus ours' })),
});

/** The FreeSWITCH process was restarted: every leg of `old_core_uuid` is gone. */
export const CoreChanged = Type.Object({
  ...base,
  kind: Type.Literal('core-changed'),
  old_core_uuid: Type.String(),
  core_uuid: Type.String(),
});

/** The exact set of channels that a node had at `at_us` (`show channels as json`, written a moment late). */
export const Resync = Type.Object({
  ...base,
  kind: Type.Literal('resync'),
  core_uuid: Type.String(),
  uuids: Type.Array(Type.String()),
});

/** Topic `switchfleet.node-events`. */
export const NodeEvent = Type.Union([NodeStateChanged, CoreChanged, Resync]);
export type NodeEvent = Type.Static<typeof NodeEvent>;
export type NodeStateChanged = Type.Static<typeof NodeStateChanged>;
