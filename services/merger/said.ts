import { Compile } from 'typebox/compile';
import type { DeliveredRecord } from '../../libs/bus/bus.ts';
import { CdrRecord } from '../../libs/records/cdr-record.ts';
import { ChannelEvent } from '../../libs/records/channel-event.ts';
import { NodeEvent } from '../../libs/records/node-event.ts';
import { NodeLoad } from '../../libs/records/node-load.ts';
import {
  Registration,
  type RegistrationEvent,
  type RegistrationResync,
} from '../../libs/records/registration.ts';
import { TOPICS, type Topic } from '../../libs/records/topics.ts';

/** A batch of the bus, read: each record in its kind, and those that are no record of their topic. */
export interface Said {
  events: ChannelEvent[];
  cdrs: CdrRecord[];
  nodeEvents: NodeEvent[];
  registrations: RegistrationEvent[];
  /** all that a node had, or a part of it */
  registrationSets: RegistrationResync[];
  loads: NodeLoad[];
  unreadable: DeliveredRecord[];
}

/** Compiles the checks of records once. What is no record of its topic is told apart, and never stops a batch. */
export function createReader(): (batch: readonly DeliveredRecord[]) => Said {
  const checks = {
    event: Compile(ChannelEvent),
    cdr: Compile(CdrRecord),
    nodeEvent: Compile(NodeEvent),
    registration: Compile(Registration),
    load: Compile(NodeLoad),
  };
  const sort: Partial<Record<Topic, (value: unknown, said: Said) => boolean>> = {
    [TOPICS.channelEvents]: (value, { events }) => checks.event.Check(value) && events.push(value) > 0,
    [TOPICS.cdrs]: (value, { cdrs }) => checks.cdr.Check(value) && cdrs.push(value) > 0,
    [TOPICS.nodeEvents]: (value, { nodeEvents }) =>
      checks.nodeEvent.Check(value) && nodeEvents.push(value) > 0,
    [TOPICS.registrations]: (value, { registrations, registrationSets }) =>
      checks.registration.Check(value) &&
      (value.kind === 'resync' ? registrationSets.push(value) : registrations.push(value)) > 0,
    [TOPICS.load]: (value, { loads }) => checks.load.Check(value) && loads.push(value) > 0,
  };
  return (batch) => {
    const said: Said = {
      events: [],
      cdrs: [],
      nodeEvents: [],
      registrations: [],
      registrationSets: [],
      loads: [],
      unreadable: [],
    };
    for (const record of batch) {
      if (sort[record.topic]?.(record.value, said) !== true) said.unreadable.push(record);
    }
    return said;
  };
}
