import { compareIdentities } from './call-id.ts';
import { CALL_ID_REACH_US } from './correlation-keys.ts';
import type { Leg } from './leg.ts';

/** The legs of a call with the one that decides what came of it before the others, which stay in order of the SIP path. */
export function fromFront(path: readonly Leg[]): readonly Leg[] {
  const front = frontLeg(path);
  return front === undefined || front === path[0] ? path : [front, ...path.filter((leg) => leg !== front)];
}

/**
 * The legs that the caller's own request made, in order of the SIP path: one, or several when a proxy tried more servers
 * with the same request (failover, or a fork). All of these are inbound with one Call-ID, and no leg of ours sent it.
 */
function branchesOf(path: readonly Leg[]): Leg[] {
  const [first] = path;
  if (first === undefined) return [];
  return [first, ...path.slice(1).filter((leg) => isTwin(leg, first) && !isSentByUs(leg, path))];
}

/**
 * The branch that the caller heard from: the one that was answered first, else the one that ended last, as a proxy passes
 * on what the last of them said. Undefined without legs.
 */
function frontLeg(path: readonly Leg[]): Leg | undefined {
  const branches = branchesOf(path);
  const answered = branches.filter(({ answer_us }) => answer_us !== null);
  if (answered.length > 0) {
    return answered.toSorted((a, b) => (a.answer_us ?? 0) - (b.answer_us ?? 0) || compareIdentities(a, b))[0];
  }
  return branches.toSorted((a, b) => compareEnds(a, b) || compareIdentities(a, b)).at(-1);
}

function isTwin(leg: Leg, first: Leg): boolean {
  const [a, b] = [inboundCallId(leg), inboundCallId(first)];
  return a !== null && a === b && Math.abs(leg.start_us - first.start_us) <= CALL_ID_REACH_US;
}

function inboundCallId({ direction, is_loopback, sip_call_id }: Leg): string | null {
  return direction === 'inbound' && !is_loopback ? sip_call_id : null;
}

/** A dialplan may keep one Call-ID over all hops. */
function isSentByUs(leg: Leg, path: readonly Leg[]): boolean {
  return path.some(
    ({ direction, sip_call_id }) => direction === 'outbound' && sip_call_id === leg.sip_call_id,
  );
}

/** What still lives ends last. */
function compareEnds(a: Leg, b: Leg): number {
  const [x, y] = [a.end_us ?? Number.MAX_SAFE_INTEGER, b.end_us ?? Number.MAX_SAFE_INTEGER];
  return x - y;
}
