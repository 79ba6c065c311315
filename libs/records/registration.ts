import { Type } from 'typebox';
import { Microseconds, nullable } from './variables.ts';

/** Where a user can be reached, or no longer (key: user@domain). */
export const RegistrationEvent = Type.Object({
  v: Type.Literal(1),
  kind: Type.Union([Type.Literal('register'), Type.Literal('unregister'), Type.Literal('expire')]),
  node: Type.String(),
  core_uuid: nullable(Type.String()),
  /** in the node's clock: orders what one node says */
  at_us: Microseconds,
  user: Type.String(),
  domain: Type.String(),
  contact: nullable(Type.String()),
  call_id: nullable(Type.String()),
  profile: nullable(Type.String()),
  network_ip: nullable(Type.String()),
  network_port: nullable(Type.Integer()),
  user_agent: nullable(Type.String()),
  /** in the collector's clock */
  expires_us: nullable(Microseconds),
});
export type RegistrationEvent = Type.Static<typeof RegistrationEvent>;

/**
 * All registrations that a node had at `at_us` (`show registrations`, which lags a REGISTER by a moment), or a part of them:
 * those whose `user@domain`, in lower case, lies above `after` and up to `through` in the order of their UTF-8 bytes. A
 * registration in that range that is not listed is gone, unless something was heard of it since. Key: node.
 */
export const RegistrationResync = Type.Object({
  v: Type.Literal(1),
  kind: Type.Literal('resync'),
  node: Type.String(),
  core_uuid: Type.String(),
  at_us: Microseconds,
  /** exclusive; null: from the first */
  after: nullable(Type.String()),
  /** inclusive; null: to the last */
  through: nullable(Type.String()),
  registrations: Type.Array(
    Type.Object({ user: Type.String(), domain: Type.String(), contact: Type.String() }),
  ),
});
export type RegistrationResync = Type.Static<typeof RegistrationResync>;

/** Topic `switchfleet.registrations`. */
export const Registration = Type.Union([RegistrationEvent, RegistrationResync]);
export type Registration = Type.Static<typeof Registration>;
