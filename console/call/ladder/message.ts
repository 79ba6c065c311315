import type { CallDetail } from '../../api/contract.ts';
import type { Leg } from '../../api/shapes.ts';
import type { Moment } from './moment.ts';
import type { FarEnd, Path } from './path.ts';

/** One signal between two ends. Where both ends are our servers, both told it, each by its own clock. */
export interface Message {
  key: string;
  kind: Moment['kind'];
  from: FarEnd;
  to: FarEnd;
  /** by the sender's clock; undefined: nobody of ours sent it */
  sent: Moment | undefined;
  /** by the receiver's clock; undefined: nobody of ours received it */
  received: Moment | undefined;
}

const PASSED_ON: ReadonlySet<Moment['kind']> = new Set(['create', 'ring', 'answer', 'hangup']);

/** The signals of a call: each moment of signalling is one end of a message, or both ends are found. */
export function messagesOf(call: CallDetail, moments: readonly Moment[], { far }: Path): Message[] {
  const legs = new Map(call.legs.map((leg) => [leg.uuid, leg]));
  const firstOf = new Map<string, Moment>();
  for (const moment of moments) {
    const key = `${moment.leg} ${moment.kind}`;
    if (PASSED_ON.has(moment.kind) && !firstOf.has(key)) firstOf.set(key, moment);
  }
  return [...firstOf.values()].flatMap((moment) => {
    const leg = legs.get(moment.leg);
    const other = far.get(moment.leg);
    if (leg === undefined || other === undefined) return [];
    const mine: FarEnd = { leg: leg.uuid };
    const theirs = 'leg' in other ? firstOf.get(`${other.leg} ${moment.kind}`) : undefined;
    const partner = 'leg' in other ? legs.get(other.leg) : undefined;
    const isSender = sendsBy({ leg, partner, moment, theirs, call });
    // of a message with two moments, the sender's makes it
    if (theirs !== undefined && !isSender) return [];
    return [
      {
        key: moment.key,
        kind: moment.kind,
        from: isSender ? mine : other,
        to: isSender ? other : mine,
        sent: isSender ? moment : undefined,
        received: isSender ? theirs : moment,
      },
    ];
  });
}

interface Side {
  leg: Leg;
  /** the leg at the other end, where that is one of ours */
  partner: Leg | undefined;
  moment: Moment;
  theirs: Moment | undefined;
  call: CallDetail;
}

/** Whether the leg's server sent this signal, or got it. */
function sendsBy({ leg, partner, moment, theirs, call }: Side): boolean {
  const isOutbound = leg.direction === 'outbound';
  if (moment.kind === 'create') return isOutbound;
  if (moment.kind !== 'hangup') return !isOutbound;
  // both ends of one dialog are judged alike: by the one that called
  if (partner === undefined || isOutbound) return hangsUp(leg, call, { own: moment, other: theirs });
  return !hangsUp(partner, call, { own: theirs ?? moment, other: moment });
}

/** Causes with which a server ends a leg that nobody answered; with others the far end refused it. */
const GIVEN_UP: ReadonlySet<string> = new Set([
  'ORIGINATOR_CANCEL',
  'LOSE_RACE',
  'PICKED_OFF',
  'NO_ANSWER',
  'ALLOTTED_TIMEOUT',
  'PROGRESS_TIMEOUT',
  'NORMAL_CLEARING',
]);

interface HangupMoments {
  own: Moment;
  other: Moment | undefined;
}

function hangsUp(leg: Leg, { hangup_by }: CallDetail, { own, other }: HangupMoments): boolean {
  const isOutbound = leg.direction === 'outbound';
  if (isOutbound && leg.answer_us === null) return GIVEN_UP.has(leg.hangup_cause ?? '');
  if (hangup_by === 'caller') return isOutbound;
  if (hangup_by === 'callee') return !isOutbound;
  return other === undefined || own.atUs <= other.atUs;
}
