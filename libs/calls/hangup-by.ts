import type { Call } from '../records/call.ts';
import { arePartners, type Conversation } from './conversation.ts';
import type { Leg } from './leg.ts';

/** Legs of one call end within this of each other when one BYE ends them all. */
const TOGETHER_US = 1_000_000;

/** Causes that no party gave: a timer, nobody there, a server that stops. */
const SYSTEM_CAUSES = new Set([
  'SYSTEM_SHUTDOWN',
  'NO_ANSWER',
  'NO_USER_RESPONSE',
  'ALLOTTED_TIMEOUT',
  'PROGRESS_TIMEOUT',
  'USER_NOT_REGISTERED',
  'SUBSCRIBER_ABSENT',
  'NORMAL_TEMPORARY_FAILURE',
  'RECOVERY_ON_TIMER_EXPIRE',
  'DESTINATION_OUT_OF_ORDER',
  'NETWORK_OUT_OF_ORDER',
  'NO_ROUTE_DESTINATION',
  'GATEWAY_DOWN',
]);

const BY_PARTY = new Set(['recv_bye', 'recv_cancel', 'recv_refuse']);

/** Which side ended a call that is over; null when nothing tells. `path` is in order of the SIP path. */
export function hangupBy(path: readonly Leg[], conversation: Conversation): Call['hangup_by'] {
  const [first] = path;
  if (first === undefined) return null;
  if (conversation.isCut || first.is_interrupted) return 'system';
  const last = lastLegs(path);
  if (last.some(({ hangup_cause }) => hangup_cause === 'SYSTEM_SHUTDOWN')) return 'system';
  if (last.includes(first)) {
    const how = first.sip_hangup_disposition;
    if (how === 'recv_bye' || how === 'recv_cancel') return isCalled(first, path) ? 'callee' : 'caller';
  }
  if (SYSTEM_CAUSES.has(first.hangup_cause ?? '')) return 'system';
  return byOthers(first, last);
}

/** A server called the first leg by itself and put nobody through to it: its party was called, and nobody calls. */
function isCalled(first: Leg, path: readonly Leg[]): boolean {
  return first.direction === 'outbound' && !path.some((other) => arePartners(first, other));
}

function byOthers(first: Leg, last: readonly Leg[]): Call['hangup_by'] {
  const others = last.filter((leg) => leg !== first);
  if (others.some(({ sip_hangup_disposition }) => BY_PARTY.has(sip_hangup_disposition ?? '')))
    return 'callee';
  if (first.answer_us === null) {
    return others.some(({ hangup_cause }) => SYSTEM_CAUSES.has(hangup_cause ?? '')) ? 'system' : null;
  }
  // a history's row may say neither what the leg was nor how it ended
  if (first.direction === null && first.sip_hangup_disposition === null) return null;
  // It was answered and nobody sent a BYE: what answered came to its end.
  return 'callee';
}

function lastLegs(path: readonly Leg[]): Leg[] {
  const end = Math.max(...path.map(({ end_us }) => end_us ?? 0));
  return path.filter(({ end_us }) => (end_us ?? 0) >= end - TOGETHER_US);
}
