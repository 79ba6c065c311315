import { CHANNEL_EVENTS, CHANNEL_SUBCLASSES } from '../../libs/freeswitch/event/event-names.ts';

/**
 * Events of legs that we don't ask for, half of all that a node sends: state changes say nothing that the events around
 * them don't, CHANNEL_DESTROY comes after all is known, and CHANNEL_DATA is an answer to `uuid_dump`.
 */
const NOT_NEEDED: ReadonlySet<string> = new Set([
  'CHANNEL_STATE',
  'CHANNEL_CALLSTATE',
  'CHANNEL_EXECUTE_COMPLETE',
  'CHANNEL_DESTROY',
  'CHANNEL_DATA',
]);

export const REGISTRATION_SUBCLASSES: ReadonlySet<string> = new Set([
  'sofia::register',
  'sofia::unregister',
  'sofia::expire',
]);

/** The `event` command: what comes after CUSTOM are subclasses, so it stands last. */
export function subscribeCommand(): string {
  const events = [...CHANNEL_EVENTS].filter((name) => !NOT_NEEDED.has(name));
  const subclasses = [...REGISTRATION_SUBCLASSES, ...CHANNEL_SUBCLASSES];
  return ['event json', ...events, 'HEARTBEAT', 'SHUTDOWN', 'CUSTOM', ...subclasses].join(' ');
}

/** The events without which a leg would never end: they are kept when nothing else is. */
const ENDS: ReadonlySet<string> = new Set(['CHANNEL_HANGUP', 'CHANNEL_HANGUP_COMPLETE']);

export function isEnd(eventName: string): boolean {
  return ENDS.has(eventName);
}
