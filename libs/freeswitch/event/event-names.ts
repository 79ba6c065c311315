/**
 * The events that say something about a leg. CHANNEL_DATA is `uuid_dump`'s answer. Not here: DTMF (digits are often
 * PINs), presence, playback and media bugs, which say nothing that legs, calls or timelines need.
 */
export const CHANNEL_EVENTS: ReadonlySet<string> = new Set([
  'CHANNEL_CREATE',
  'CHANNEL_OUTGOING',
  'CHANNEL_ORIGINATE',
  'CHANNEL_STATE',
  'CHANNEL_CALLSTATE',
  'CHANNEL_PROGRESS',
  'CHANNEL_PROGRESS_MEDIA',
  'CHANNEL_ANSWER',
  'CHANNEL_BRIDGE',
  'CHANNEL_UNBRIDGE',
  'CHANNEL_HOLD',
  'CHANNEL_UNHOLD',
  'CHANNEL_PARK',
  'CHANNEL_UNPARK',
  'CHANNEL_UUID',
  'CHANNEL_EXECUTE',
  'CHANNEL_EXECUTE_COMPLETE',
  'CHANNEL_HANGUP',
  'CHANNEL_HANGUP_COMPLETE',
  'CHANNEL_DESTROY',
  'CHANNEL_DATA',
  'CALL_UPDATE',
  'RECORD_START',
  'RECORD_STOP',
]);

/** The CUSTOM subclasses that say something about a leg. */
export const CHANNEL_SUBCLASSES: ReadonlySet<string> = new Set([
  'conference::maintenance',
  'callcenter::info',
  'loopback::bowout',
  'loopback::direct',
  'valet_parking::info',
  'vm::maintenance',
  'fifo::info',
  'sofia::transferor',
  'sofia::transferee',
  'sofia::replaced',
  'sofia::intercepted',
]);
