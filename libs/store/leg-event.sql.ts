import { bigintArray, textArray } from '../postgres/binary-array.ts';
import type { ChannelEvent } from '../records/channel-event.ts';
import type { Queryable } from './queryable.ts';
import { fromMicroseconds } from './time.sql.ts';

/** Stores events for timelines and ladders: each once, however often it comes. Returns how many are new. */
export async function insertLegEvents(client: Queryable, events: readonly ChannelEvent[]): Promise<number> {
  if (events.length === 0) return 0;
  const { rowCount } = await client.query({
    name: 'leg_events_insert',
    // By arrays, one a column: JSON would be taken apart twice.
    text: `insert into leg_events (uuid, at, sequence, core_uuid, node, event_name, event_subclass, headers)
     select uuid, ${fromMicroseconds('at_us')}, sequence, core_uuid, node, event_name, event_subclass, headers::json
     from unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
       as said (uuid, at_us, sequence, core_uuid, node, event_name, event_subclass, headers)
     order by uuid, at_us, sequence, core_uuid on conflict do nothing`,
    values: columnsOf(events),
  });
  return rowCount ?? 0;
}

function columnsOf(events: readonly ChannelEvent[]): Buffer[] {
  const texts = (read: (event: ChannelEvent) => string | null) => textArray(events.map(read));
  return [
    texts(({ uuid }) => uuid),
    bigintArray(events.map(({ at_us }) => at_us)),
    bigintArray(events.map(({ sequence }) => sequence)),
    texts(({ core_uuid }) => core_uuid),
    texts(({ node }) => node),
    texts(({ event_name }) => event_name),
    texts(({ event_subclass }) => event_subclass),
    texts(shownOf),
  ];
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

function shownOf({ headers }: ChannelEvent): string {
  const shown: Record<string, string> = {};
  for (const name of SHOWN) {
    const value = headers[name];
    if (value !== undefined) shown[name] = value;
  }
  return JSON.stringify(shown);
}
