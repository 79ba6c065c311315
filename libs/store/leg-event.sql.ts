import type { ChannelEvent } from '../records/channel-event.ts';
import type { Queryable } from './queryable.ts';
import { fromMicroseconds } from './time.sql.ts';

/** Stores events for timelines and ladders: each once, however often it comes. Returns how many are new. */
export async function insertLegEvents(client: Queryable, events: readonly ChannelEvent[]): Promise<number> {
  if (events.length === 0) return 0;
  const { rowCount } = await client.query({
    name: 'leg_events_insert',
    text: `insert into leg_events (uuid, at, sequence, core_uuid, node, event_name, event_subclass, headers)
     select uuid, ${fromMicroseconds('at_us')}, sequence, core_uuid, node, event_name, event_subclass, headers
     from json_to_recordset($1::json) as said (uuid text, at_us bigint, sequence bigint, core_uuid text, node text,
       event_name text, event_subclass text, headers json)
     order by uuid, at_us, sequence, core_uuid on conflict do nothing`,
    values: [JSON.stringify(events.map(toRow))],
  });
  return rowCount ?? 0;
}

/** What a timeline shows; the rest is folded into the leg. */
const SHOWN = [
  'Channel-Call-State',
  'Answer-State',
  'Caller-Caller-ID-Number',
  'Caller-Destination-Number',
  'Other-Leg-Unique-ID',
  'Bridge-A-Unique-ID',
  'Bridge-B-Unique-ID',
  'Hangup-Cause',
  'Application',
  'Application-Data',
  'Action',
  'Conference-Name',
  'Valet-Extension',
  'Record-File-Path',
  'CC-Queue',
  'CC-Action',
  'CC-Agent',
  'CC-Cause',
] as const;

function toRow({ headers, ...event }: ChannelEvent) {
  const shown: Record<string, string> = {};
  for (const name of SHOWN) {
    const value = headers[name];
    if (value !== undefined) shown[name] = value;
  }
  const { uuid, at_us, sequence, core_uuid, node, event_name, event_subclass } = event;
  return { uuid, at_us, sequence, core_uuid, node, event_name, event_subclass, headers: shown };
}
