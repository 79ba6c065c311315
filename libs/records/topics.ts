/** The topics of the bus, by what they carry. Keys and record types: `docs/architecture.md`. */
export const TOPICS = {
  cdrs: 'switchfleet.cdrs',
  cdrRejects: 'switchfleet.cdr-rejects',
  channelEvents: 'switchfleet.channel-events',
  registrations: 'switchfleet.registrations',
  nodeEvents: 'switchfleet.node-events',
  load: 'switchfleet.load',
  live: 'switchfleet.live',
  calls: 'switchfleet.calls',
} as const;

export type Topic = (typeof TOPICS)[keyof typeof TOPICS];

/** What writer and merger apply: none of it may be lost, also while nobody of them runs. */
export const HELD_TOPICS: readonly Topic[] = [
  TOPICS.cdrs,
  TOPICS.cdrRejects,
  TOPICS.channelEvents,
  TOPICS.registrations,
  TOPICS.nodeEvents,
];
