import type { AnsweredBy } from '../records/call.ts';
import { arePartners, isWaiting } from './conversation.ts';
import type { Leg } from './leg.ts';

/** A server answers its caller as soon as the far end answered it: this much later at the most. */
const PASS_ON_US = 1_000_000;

/**
 * Who answered a call first; `path` is in order of the SIP path, and its first leg was answered. Null when nobody says: another
 * system's rows may be of first legs only, or tell neither which leg one is of nor what ran there.
 */
export function answeredBy(path: readonly Leg[]): AnsweredBy | null {
  const [first] = path;
  return first === undefined ? null : whoAnswered(first, path, new Set());
}

function whoAnswered(leg: Leg, path: readonly Leg[], seen: Set<Leg>): AnsweredBy | null {
  seen.add(leg);
  const next = nextOf(leg, path, seen);
  if (leg.direction === 'outbound' && next === undefined && !leg.is_loopback) return party(leg);
  if (leg.queue !== null && leg.is_queue_member) return 'queue';
  if (next === undefined) return application(leg) ?? (isWhole(leg, path) ? 'ivr' : null);
  // An inbound leg put through to another one on the same server: somebody called in to pick this one up.
  return isPickUp(leg, next) ? party(originOf(next, path, seen)) : whoAnswered(next, path, seen);
}

/** Where somebody called in from: on another server, where one of ours sent the request on. */
function originOf(leg: Leg, path: readonly Leg[], seen: Set<Leg>): Leg {
  seen.add(leg);
  const sender = path.find(
    (other) => other.direction === 'outbound' && !seen.has(other) && isFarEnd(other, leg),
  );
  const origin = path.find((other) => other.uuid === sender?.originator && !seen.has(other));
  return origin === undefined ? leg : originOf(origin, path, seen);
}

/** The leg whose answer became this leg's answer. */
function nextOf(leg: Leg, path: readonly Leg[], seen: ReadonlySet<Leg>): Leg | undefined {
  const answered = path.filter((other) => !seen.has(other) && other.answer_us !== null);
  if (leg.direction === 'outbound' && !leg.is_loopback) {
    return answered.find((other) => other.direction === 'inbound' && isFarEnd(leg, other));
  }
  const limit = isWaiting(leg) ? Number.POSITIVE_INFINITY : (leg.answer_us ?? 0) + PASS_ON_US;
  return answered
    .filter((other) => arePartners(leg, other) && (other.answer_us ?? 0) <= limit)
    .sort((a, b) => (a.answer_us ?? 0) - (b.answer_us ?? 0))[0];
}

function isFarEnd(leg: Leg, other: Leg): boolean {
  if (leg.sip_call_id !== null && leg.sip_call_id === other.sip_call_id) return true;
  return leg.sip_from_tag !== null && leg.sip_from_tag === other.sip_from_tag;
}

function isPickUp(leg: Leg, next: Leg): boolean {
  const isCaller = ({ direction, is_loopback }: Leg) => direction === 'inbound' && !is_loopback;
  return isCaller(leg) && isCaller(next) && leg.node === next.node;
}

/**
 * Of an outside party at least the address, the trunk or the channel is known (one of a span has neither of the others): a history's
 * row may name none of them, nor a user.
 */
function party({ user, trunk, peer_ip, channel_name }: Leg): AnsweredBy | null {
  if (user !== null) return 'user';
  return trunk === null && peer_ip === null && channel_name === null ? null : 'external';
}

function application(leg: Leg): AnsweredBy | null {
  if (leg.voicemail !== null || leg.application === 'voicemail') return 'voicemail';
  if (leg.conference !== null || leg.application === 'conference') return 'conference';
  return null;
}

/** Whether it is known what this leg was, and every leg that it was connected with is there. */
function isWhole({ direction, partners }: Leg, path: readonly Leg[]): boolean {
  return direction !== null && partners.every((uuid) => path.some((other) => other.uuid === uuid));
}
