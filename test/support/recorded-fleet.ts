import type { FleetRecords } from '../../libs/calls/fold-fleet.ts';
import { parseCdr } from '../../libs/freeswitch/cdr/parse-cdr.ts';
import { toChannelEvent } from '../../libs/freeswitch/event/channel-event.ts';
import type { CdrRecord } from '../../libs/records/cdr-record.ts';
import type { ChannelEvent } from '../../libs/records/channel-event.ts';
import type { NodeEvent } from '../../libs/records/node-event.ts';
import type { CoreEnd, CoreStart, RecordedEvent, RecordedRequest } from './simulator/recorded-item.ts';
import { loadRecording } from './simulator/recording.ts';

/** The events that the collector subscribes to, of those that a recording of everything has. */
const SUBSCRIBED = new Set([
  'CHANNEL_CREATE',
  'CHANNEL_PROGRESS',
  'CHANNEL_PROGRESS_MEDIA',
  'CHANNEL_ANSWER',
  'CHANNEL_BRIDGE',
  'CHANNEL_UNBRIDGE',
  'CHANNEL_HOLD',
  'CHANNEL_UNHOLD',
  'CHANNEL_PARK',
  'CHANNEL_UUID',
  'CHANNEL_ORIGINATE',
  'CHANNEL_HANGUP',
  'CHANNEL_HANGUP_COMPLETE',
  'RECORD_START',
  'RECORD_STOP',
  'CUSTOM',
]);

/**
 * A recording as the bus would carry it: every event and every CDR, XML and JSON, as a record, in order of time, and what a
 * collector says when a node's process ends and when another takes its place.
 */
export function recordedFleet(name: string): FleetRecords {
  const { items } = loadRecording(name);
  return {
    events: items.filter((item) => item.kind === 'event').flatMap(eventOf),
    cdrs: items.flatMap((item) => (item.kind === 'cdr' || item.kind === 'json-cdr' ? cdrOf(item) : [])),
    nodeEvents: nodeEventsOf(items.filter((item) => item.kind === 'core-start' || item.kind === 'core-end')),
  };
}

function eventOf({ name, json, atUs }: RecordedEvent): ChannelEvent[] {
  if (!SUBSCRIBED.has(name)) return [];
  const raw = JSON.parse(Buffer.from(json, 'latin1').toString('utf8')) as Record<string, unknown>;
  const event = toChannelEvent(raw, { receivedUs: atUs });
  return event === undefined ? [] : [event];
}

function cdrOf({ body, uuid, atUs }: RecordedRequest): CdrRecord[] {
  const parsed = parseCdr(Buffer.from(body, 'latin1'), { receivedUs: atUs, uuid, keepVariable: () => false });
  return 'ok' in parsed ? [parsed.ok] : [];
}

function nodeEventsOf(items: readonly (CoreStart | CoreEnd)[]): NodeEvent[] {
  const cores = new Map<string, string>();
  return items.flatMap((item): NodeEvent[] => {
    const { node, atUs: at_us } = item;
    const known = cores.get(node);
    const said = { v: 1, node, at_us, received_us: at_us } as const;
    if (item.kind === 'core-end') {
      const reason = item.how;
      return [
        { ...said, kind: 'state', state: 'down', reason, core_uuid: known ?? null, clock_offset_us: 0 },
      ];
    }
    cores.set(node, item.core);
    return known === undefined
      ? []
      : [{ ...said, kind: 'core-changed', old_core_uuid: known, core_uuid: item.core }];
  });
}
