import { compareIdentities } from './call-id.ts';
import { CALL_ID_REACH_US } from './correlation-keys.ts';
import type { Leg } from './leg.ts';

/**
 * The legs of one call in order of the SIP path, the first leg (the root) first. Never by start alone: nodes' clocks
 * differ, and a third of b-legs start before their own originator.
 */
export function sipPath(legs: readonly Leg[]): Leg[] {
  const ordered = legs.toSorted(compareIdentities);
  const parents = new Map(ordered.map((leg) => [leg, parentOf(leg, ordered)] as const));
  const children = Map.groupBy(ordered, (leg) => parents.get(leg));
  const path: Leg[] = [];
  const seen = new Set<Leg>();
  const walk = (leg: Leg): void => {
    if (seen.has(leg)) return;
    seen.add(leg);
    path.push(leg);
    for (const child of children.get(leg) ?? []) walk(child);
  };
  for (const root of (children.get(undefined) ?? []).toSorted(compareIdentities)) walk(root);
  // A ring of parents has no root: what is left begins at its earliest leg.
  for (const leg of ordered) walk(leg);
  return path;
}

function parentOf(leg: Leg, legs: readonly Leg[]): Leg | undefined {
  const others = legs.filter((other) => other !== leg);
  if (leg.direction === 'inbound' && !leg.is_loopback) return senderOf(leg, others);
  return others.find(({ uuid }) => uuid === leg.originator) ?? loopbackPartner(leg, others);
}

/** The outbound leg at the other end of an inbound one: same Call-ID, else same From tag, else the chain of a header. */
function senderOf(leg: Leg, others: readonly Leg[]): Leg | undefined {
  const outbound = others.filter(({ direction, is_loopback }) => direction === 'outbound' && !is_loopback);
  return (
    nearest(leg, byCallId(leg, outbound)) ?? nearest(leg, byFromTag(leg, outbound)) ?? byHeader(leg, others)
  );
}

function byCallId(leg: Leg, outbound: readonly Leg[]): Leg[] {
  if (leg.sip_call_id === null) return [];
  return outbound.filter(
    ({ sip_call_id, start_us }) =>
      sip_call_id === leg.sip_call_id && Math.abs(start_us - leg.start_us) <= CALL_ID_REACH_US,
  );
}

function byFromTag(leg: Leg, outbound: readonly Leg[]): Leg[] {
  return leg.sip_from_tag === null
    ? []
    : outbound.filter(({ sip_from_tag }) => sip_from_tag === leg.sip_from_tag);
}

/**
 * Max-Forwards only falls along the path: the last leg before it that carries the same correlation header. What a leg made
 * itself does not come before it, though FreeSWITCH gives it the same figure.
 */
function byHeader(leg: Leg, others: readonly Leg[]): Leg | undefined {
  const hops = leg.max_forwards;
  if (leg.correlation_id === null || hops === null) return undefined;
  const made = madeBy(leg, others);
  const before = others
    .filter((other) => other.correlation_id === leg.correlation_id && !made.has(other.uuid))
    .map((other) => ({ other, left: hopsLeft(other) }))
    .filter(({ left }) => left > hops);
  const least = Math.min(...before.map(({ left }) => left));
  return nearest(
    leg,
    before.filter(({ left }) => left === least).map(({ other }) => other),
  );
}

/** uuids of the legs that a leg made, and that those made. */
function madeBy({ uuid }: Leg, others: readonly Leg[]): ReadonlySet<string> {
  const made = new Set([uuid]);
  for (let known = 0; known < made.size; ) {
    known = made.size;
    for (const other of others) if (made.has(other.originator ?? '')) made.add(other.uuid);
  }
  return made;
}

/** An outbound leg stands before an inbound one with the same figure. */
function hopsLeft({ max_forwards, direction }: Leg): number {
  return max_forwards === null ? -1 : max_forwards + (direction === 'outbound' ? 0.5 : 0);
}

function nearest(leg: Leg, candidates: readonly Leg[]): Leg | undefined {
  const distance = (other: Leg) => Math.abs(other.start_us - leg.start_us);
  return candidates.toSorted((a, b) => distance(a) - distance(b) || compareIdentities(a, b))[0];
}

/** `loopback/x-b` is the inbound half that `loopback/x-a` makes. */
function loopbackPartner(leg: Leg, others: readonly Leg[]): Leg | undefined {
  if (!leg.is_loopback || leg.direction !== 'inbound') return undefined;
  return nearest(
    leg,
    others.filter(
      (other) => other.is_loopback && other.direction === 'outbound' && leg.partners.includes(other.uuid),
    ),
  );
}
