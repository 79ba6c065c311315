import type { CallDetail } from '../../api/contract.ts';
import type { Leg, LegEvent } from '../../api/shapes.ts';

/** What a moment of a leg is about. */
export type MomentKind =
  | 'create'
  | 'ring'
  | 'answer'
  | 'hangup'
  | 'interrupted'
  | 'transfer'
  | 'bridge'
  | 'unbridge'
  | 'hold'
  | 'unhold'
  | 'record'
  | 'application'
  | 'state';

/** What the viewer can show and hide. */
export const GROUPS = ['signalling', 'media', 'applications', 'states'] as const;
export type Group = (typeof GROUPS)[number];

/** Something that happened to a leg, as its node told it. */
export interface Moment {
  key: string;
  leg: string;
  node: string;
  /** in the node's clock, never corrected */
  atUs: number;
  sequence: number;
  kind: MomentKind;
  /** in words; of a signal without its verb, which depends on who sent it */
  what: string;
  /** FreeSWITCH's name of the event, or `leg` where only the leg's record tells it */
  source: string;
  fields: Readonly<Record<string, string>>;
}

const KINDS: Readonly<Record<string, MomentKind>> = {
  CHANNEL_CREATE: 'create',
  CHANNEL_PROGRESS: 'ring',
  CHANNEL_PROGRESS_MEDIA: 'ring',
  CHANNEL_ANSWER: 'answer',
  CHANNEL_HANGUP: 'hangup',
  CHANNEL_BRIDGE: 'bridge',
  CHANNEL_UNBRIDGE: 'unbridge',
  CHANNEL_HOLD: 'hold',
  CHANNEL_UNHOLD: 'unhold',
  CHANNEL_PARK: 'hold',
  CHANNEL_UNPARK: 'unhold',
  CHANNEL_EXECUTE: 'application',
  RECORD_START: 'record',
  RECORD_STOP: 'record',
  'sofia::transferor': 'transfer',
  'sofia::transferee': 'transfer',
  'sofia::replaced': 'transfer',
  'sofia::intercepted': 'transfer',
};

const GROUP_OF: Readonly<Record<MomentKind, Group>> = {
  create: 'signalling',
  ring: 'signalling',
  answer: 'signalling',
  hangup: 'signalling',
  interrupted: 'signalling',
  transfer: 'signalling',
  bridge: 'media',
  unbridge: 'media',
  hold: 'media',
  unhold: 'media',
  record: 'media',
  application: 'applications',
  state: 'states',
};

export const groupOf = ({ kind }: Moment): Group => GROUP_OF[kind];

/** All moments of a call: its events, and what only the legs' records tell, such as a server that died. */
export function momentsOf({ legs }: CallDetail, events: readonly LegEvent[]): Moment[] {
  const known = new Set(legs.map(({ uuid }) => uuid));
  const told = events.filter(({ uuid }) => known.has(uuid)).map(fromEvent);
  const has = new Set(told.map(({ leg, kind }) => `${leg} ${kind}`));
  const added = legs.flatMap((leg) => fromLeg(leg).filter(({ kind }) => !has.has(`${leg.uuid} ${kind}`)));
  return [...told, ...added];
}

function fromEvent(event: LegEvent): Moment {
  const { uuid, node, at_us, sequence, event_name, event_subclass, headers } = event;
  const source = event_subclass ?? event_name;
  const kind = KINDS[source] ?? 'state';
  return {
    key: `${uuid} ${at_us} ${sequence} ${source}`,
    leg: uuid,
    node,
    atUs: at_us,
    sequence,
    kind,
    what: wordsOf(source, kind, headers),
    source,
    fields: headers,
  };
}

const WORDS: Readonly<Record<string, string>> = {
  CHANNEL_PROGRESS: '',
  CHANNEL_PROGRESS_MEDIA: '(early media)',
  CHANNEL_ANSWER: '',
  CHANNEL_BRIDGE: 'bridged',
  CHANNEL_UNBRIDGE: 'unbridged',
  CHANNEL_HOLD: 'on hold',
  CHANNEL_UNHOLD: 'off hold',
  CHANNEL_PARK: 'parked',
  CHANNEL_UNPARK: 'taken from park',
  RECORD_START: 'recording starts',
  RECORD_STOP: 'recording stops',
  'sofia::transferor': 'sends the other side on',
  'sofia::transferee': 'is sent on',
  'sofia::replaced': 'is replaced',
  'sofia::intercepted': 'is taken over',
};

function wordsOf(source: string, kind: MomentKind, headers: Readonly<Record<string, string>>): string {
  if (kind === 'create') return headers['Caller-Destination-Number'] ?? '';
  if (kind === 'hangup') return headers['Hangup-Cause'] ?? '';
  if (source === 'CHANNEL_EXECUTE') {
    return `runs ${headers['Application'] ?? 'an application'} ${headers['Application-Data'] ?? ''}`.trimEnd();
  }
  if (source === 'CHANNEL_CALLSTATE') return `call state ${headers['Channel-Call-State'] ?? '?'}`;
  return (
    WORDS[source] ??
    source
      .replace(/^CHANNEL_/, '')
      .toLowerCase()
      .replaceAll('_', ' ')
  );
}

function fromLeg(leg: Leg): Moment[] {
  const { uuid, node, start_us, progress_us, answer_us, end_us, hangup_cause, destination_number } = leg;
  const at = (kind: MomentKind, atUs: number | null, what: string): Moment[] =>
    atUs === null
      ? []
      : [
          {
            key: `${uuid} ${kind}`,
            leg: uuid,
            node,
            atUs,
            sequence: 0,
            kind,
            what,
            source: 'leg',
            fields: {},
          },
        ];
  const end = leg.is_interrupted
    ? at('interrupted', end_us, `lost: ${endedBy(leg)}`)
    : at('hangup', end_us, hangup_cause ?? '');
  return [
    ...at('create', start_us, destination_number ?? ''),
    ...at('ring', progress_us, ''),
    ...at('answer', answer_us, ''),
    ...end,
  ];
}

const ENDED_BY: Readonly<Record<string, string>> = {
  'node-lost': 'the server was not heard of any more',
  'core-changed': "the server's process was another one",
  resync: 'the server did not have it any more',
};

function endedBy({ ended_by }: Leg): string {
  return ENDED_BY[ended_by ?? ''] ?? 'the server died';
}
