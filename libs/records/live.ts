import { Type } from 'typebox';
import { NodeState } from './node-event.ts';
import { Microseconds, nullable } from './variables.ts';

const CallMoment = Type.Object({
  kind: Type.Union([Type.Literal('call-started'), Type.Literal('call-answered'), Type.Literal('call-ended')]),
  at_us: Microseconds,
});

export type CallMoment = Type.Static<typeof CallMoment>;

/** A call began, was answered or ended. */
export const LiveCall = Type.Object({
  v: Type.Literal(1),
  ...CallMoment.properties,
  /** what it did before that and nobody was told of yet, the oldest first: of one that a CDR alone brings, all comes at once */
  before: Type.Optional(Type.Array(CallMoment)),
  call_id: Type.String(),
  tenant: nullable(Type.String()),
  domain: nullable(Type.String()),
  caller: nullable(Type.String()),
  callee: nullable(Type.String()),
  nodes: Type.Array(Type.String()),
});

export type LiveCall = Type.Static<typeof LiveCall>;

/** A node's state changed. */
export const LiveNode = Type.Object({
  v: Type.Literal(1),
  kind: Type.Literal('node-state'),
  at_us: Microseconds,
  node: Type.String(),
  state: NodeState,
  reason: Type.String(),
});

export type LiveNode = Type.Static<typeof LiveNode>;

/** Topic `switchfleet.live`. */
export const Live = Type.Union([LiveCall, LiveNode]);
export type Live = Type.Static<typeof Live>;
