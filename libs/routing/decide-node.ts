import { type LeftOut, type LeftOutReason, NOT_FOUND, type NodeAnswer, UNAVAILABLE } from './answer.ts';
import type { Member } from './entities.ts';
import { type Candidate, choiceOf, examine, whyNot } from './node-candidate.ts';
import { bestNodes } from './node-order.ts';
import type { NodeQuestion } from './node-question.ts';
import type { RoutingState } from './routing-state.ts';
import type { Trace } from './trace.ts';

/** The nodes for a call, in the order to try them: those that may take it, by region, priority and free capacity. */
export function decideNode(state: RoutingState, question: NodeQuestion, trace?: Trace): NodeAnswer {
  const members = withPreferred(state, question, membersFor(state, question));
  if (members.length === 0) {
    trace?.note('node', String(question.set ?? question.domain ?? 'default'), 'has no nodes');
    return { ...(question.set === undefined ? UNAVAILABLE : NOT_FOUND), left_out: [], degraded: false };
  }
  const candidates = members.map((member) => examine(state, member));
  // Blind is not empty: when every heartbeat is old, the collectors or the bus are away, not the nodes.
  const degraded = !candidates.some(
    ({ freshness, row }) => freshness === 'fresh' && row?.state !== 'disabled',
  );
  const keptOn = nodeInUse(state, question, { candidates, degraded });
  const leftOut: LeftOut[] = [];
  const usable: Candidate[] = [];
  for (const candidate of candidates) {
    const { node } = candidate.member;
    const reason = whyLeftOut(state, question, { candidate, degraded, keptOn });
    trace?.note('node', node, reason ?? 'may take the call', figuresOf(candidate, state.nowUs));
    if (reason === undefined) usable.push(candidate);
    else leftOut.push({ name: node, reason });
  }
  const chosen = usable.length > 0 ? usable : onlyHot(candidates, leftOut);
  if (chosen.length === 0) return { ...UNAVAILABLE, left_out: leftOut, degraded };
  const nodes = bestNodes(state, question, chosen)
    .map((candidate) => choiceOf(candidate, state.nowUs))
    .filter((choice) => choice !== undefined);
  return { result: 'route', nodes, left_out: leftOut, degraded, pin: question.pin ?? null };
}

/** The set that is asked for, that of the kind of destination, the domain's node and set, or the default. */
function membersFor({ model }: RoutingState, question: NodeQuestion): readonly Member[] {
  const { fleet } = model;
  if (question.set !== undefined) return fleet.members(question.set) ?? [];
  const typeSet = question.destType === undefined ? undefined : fleet.setOf(question.destType);
  if (typeSet !== undefined) return fleet.members(typeSet) ?? [];
  const domain = question.domain === undefined ? undefined : model.domain(question.domain);
  const set = domain?.dispatchSet === undefined ? undefined : (fleet.members(domain.dispatchSet) ?? []);
  if (domain?.node === undefined) return set ?? fleet.defaultMembers();
  const own = { node: domain.node, priority: Number.MAX_SAFE_INTEGER, weight: 50 };
  return [own, ...(set ?? []).filter(({ node }) => node !== own.node)];
}

/** A user may be registered on a node that its domain is not assigned to (any longer): only that one reaches it. */
function withPreferred(
  { model }: RoutingState,
  { preferred = [] }: NodeQuestion,
  members: readonly Member[],
): readonly Member[] {
  const missing = preferred.filter(
    (node) => model.fleet.node(node) !== undefined && !members.some((member) => member.node === node),
  );
  return [...missing.map((node) => ({ node, priority: 0, weight: 50 })), ...members];
}

/** The node that a call or a room is on already. */
function nodeInUse(
  { load, nowUs }: RoutingState,
  { pin, callId }: NodeQuestion,
  { candidates, degraded }: { candidates: readonly Candidate[]; degraded: boolean },
): string | undefined {
  const node = pin === undefined ? callId && load.nodeOfCall(callId) : load.nodeOfPin(pin, nowUs);
  // A room is gone with its node; who comes now meets on another one.
  const isThere = candidates.some(
    ({ member, row, freshness }) =>
      member.node === node &&
      row !== undefined &&
      row.state !== 'disabled' &&
      (freshness !== 'stale' || degraded),
  );
  return isThere ? node : undefined;
}

interface Examined {
  candidate: Candidate;
  degraded: boolean;
  keptOn: string | undefined;
}

function whyLeftOut(
  state: RoutingState,
  question: NodeQuestion,
  { candidate, degraded, keptOn }: Examined,
): LeftOutReason | undefined {
  if (question.attempted.has(candidate.member.node)) return 'attempted';
  const given = whyNot(candidate, { degraded });
  const reason = question.isEmergency ? butLimits(given) : given;
  if (keptOn === undefined) return reason;
  // The members of a room must meet, so only its node will do; a call asked about again is not a new call.
  const isItsNode = candidate.member.node === keptOn;
  if (!isItsNode) {
    const isLost = state.model.fleet.node(keptOn) === undefined || question.attempted.has(keptOn);
    return question.pin === undefined || isLost ? reason : (reason ?? 'pinned-elsewhere');
  }
  if (question.pin !== undefined) return reason === 'draining' ? undefined : reason;
  return butLimits(reason);
}

function butLimits(reason: LeftOutReason | undefined): LeftOutReason | undefined {
  return reason === 'full' || reason === 'over-cps' ? undefined : reason;
}

/** CPU alone never turns every call away: a busy node may still answer, a refusal can't. */
function onlyHot(candidates: readonly Candidate[], leftOut: LeftOut[]): Candidate[] {
  const hot = new Set(leftOut.filter(({ reason }) => reason === 'no-cpu').map(({ name }) => name));
  return candidates.filter(({ member }) => hot.has(member.node));
}

function figuresOf(candidate: Candidate, nowUs: number) {
  const { member, sessions, capacity, idleCpu, freshness, score } = candidate;
  return {
    priority: member.priority,
    weight: member.weight,
    sessions,
    max_sessions: capacity ?? null,
    idle_cpu: idleCpu ?? null,
    heartbeat_ms: choiceOf(candidate, nowUs)?.heartbeat_ms ?? null,
    freshness,
    free: Number(score.toFixed(4)),
  };
}
