import { Type } from 'typebox';
import { Microseconds, nullable } from './variables.ts';

/** Topic `switchfleet.registrations`: where a user can be reached, or no longer (key: user@domain). */
export const RegistrationEvent = Type.Object({
  v: Type.Literal(1),
  kind: Type.Union([Type.Literal('register'), Type.Literal('unregister'), Type.Literal('expire')]),
  node: Type.String(),
  core_uuid: nullable(Type.String()),
  at_us: Microseconds,
  user: Type.String(),
  domain: Type.String(),
  contact: nullable(Type.String()),
  call_id: nullable(Type.String()),
  profile: nullable(Type.String()),
  network_ip: nullable(Type.String()),
  network_port: nullable(Type.Integer()),
  user_agent: nullable(Type.String()),
  expires_us: nullable(Microseconds),
});
export type RegistrationEvent = Type.Static<typeof RegistrationEvent>;
