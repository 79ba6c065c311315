import { Type } from 'typebox';
import { Microseconds, nullable, Variables } from './variables.ts';

/** Topic `switchfleet.channel-events`: one event of one leg, reduced to what legs, load and timelines need. */
export const ChannelEvent = Type.Object({
  v: Type.Literal(1),
  uuid: Type.String({ description: 'Unique-ID' }),
  node: Type.String({ description: 'FreeSWITCH-Switchname' }),
  core_uuid: Type.String({ description: 'Core-UUID' }),
  event_name: Type.String({ description: 'CHANNEL_CREATE, CHANNEL_ANSWER, … or CUSTOM' }),
  event_subclass: nullable(Type.String()),
  sequence: Type.Integer({
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'Event-Sequence: of the process, not monotonic over the stream',
  }),
  at_us: Type.Integer({
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'Event-Date-Timestamp: microseconds since 1970-01-01 UTC',
  }),
  received_us: Microseconds,
  /** the kept headers, by FreeSWITCH's own names (EVENT_HEADERS in libs/freeswitch) */
  headers: Type.Record(Type.String(), Type.String()),
  /** the kept `variable_…` headers without their prefix (those of libs/freeswitch/leg-variables.ts and the configured list) */
  variables: Variables,
});
export type ChannelEvent = Type.Static<typeof ChannelEvent>;
