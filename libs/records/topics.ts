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
