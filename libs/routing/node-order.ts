import { chance, drawPlace } from './chance.ts';
import type { Candidate } from './node-candidate.ts';
import type { NodeQuestion } from './node-question.ts';
import type { RoutingState } from './routing-state.ts';

/** A call is tried on this many nodes. */
const MAX_TRIES = 3;

type Order = (left: Candidate, right: Candidate) => number;

/** The candidates to try, the best first. There may be hundreds, and only the first few are wanted: no sort. */
export function bestNodes(
  state: RoutingState,
  question: NodeQuestion,
  candidates: readonly Candidate[],
): Candidate[] {
  const order = question.pin === undefined ? byLoad(state, question) : byPin(question.pin);
  const rest = [...candidates];
  const best: Candidate[] = [];
  while (best.length < MAX_TRIES) {
    const next = takeBest(rest, order);
    if (next === undefined) break;
    best.push(next);
  }
  return best;
}

function takeBest(rest: Candidate[], order: Order): Candidate | undefined {
  let at = 0;
  for (let index = 1; index < rest.length; index += 1) {
    if (order(rest[index] as Candidate, rest[at] as Candidate) < 0) at = index;
  }
  const best = rest[at];
  const last = rest.pop();
  if (last !== undefined && at < rest.length) rest[at] = last;
  return best;
}

/** Where the call was or belongs, then the caller's region, priority, free capacity; equals by the call's own draw. */
function byLoad(state: RoutingState, question: NodeQuestion): Order {
  const { src, callId, preferred = [] } = question;
  const { regions } = state.model;
  const region = src === undefined ? undefined : regions.of(src);
  const called = callId === undefined ? undefined : state.load.nodeOfCall(callId);
  const seed = callId ?? state.seed;
  const byCapacity: Order = (left, right) =>
    right.member.priority - left.member.priority ||
    right.score - left.score ||
    chance(seed, left.member.node) - chance(seed, right.member.node);
  // Most calls were nowhere yet and come from nowhere in particular.
  if (region === undefined && called === undefined && preferred.length === 0) return byCapacity;
  // Phones of one user may be on several nodes: whichever took the call before, then the latest registration.
  const kept = ({ member: { node } }: Candidate) => {
    const place = preferred.indexOf(node);
    const registered = place < 0 ? 0 : preferred.length - place;
    return node === called && (registered > 0 || preferred.length === 0)
      ? Number.POSITIVE_INFINITY
      : registered;
  };
  const distance = ({ row }: Candidate) =>
    region === undefined ? 0 : regions.rank(region, row?.region ?? null);
  return (left, right) =>
    difference(kept(right), kept(left)) ||
    difference(distance(left), distance(right)) ||
    byCapacity(left, right);
}

/** Every instance must find the same node for a room, so neither load nor the caller's region counts. */
function byPin(pin: string): Order {
  const place = ({ member: { node, weight } }: Candidate) => drawPlace(pin, node, weight);
  return (left, right) => right.member.priority - left.member.priority || place(left) - place(right);
}

/** Infinity minus Infinity is no order. */
function difference(left: number, right: number): number {
  return left === right ? 0 : left - right;
}
