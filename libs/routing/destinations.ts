import type { DestType } from '../snapshot/tables/did-routing.ts';
import {
  type DidRoute,
  type LeftOut,
  NOT_FOUND,
  type NodeAnswer,
  type TrunkAnswer,
  UNAVAILABLE,
} from './answer.ts';
import type { CallDecision, CallQuestion, Leg } from './call-decision.ts';
import { decideNode } from './decide-node.ts';
import { decideTrunk } from './decide-trunk.ts';
import { PINNED } from './did-index.ts';
import type { RoutingDomain, Source } from './entities.ts';
import type { RoutingState } from './routing-state.ts';
import { userOf } from './sip-address.ts';
import type { Trace } from './trace.ts';

/** A call whose beginning is understood. */
export interface Callee {
  state: RoutingState;
  question: CallQuestion;
  source: Source | undefined;
  /** the domain that decides; undefined: none of ours */
  domain: RoutingDomain | undefined;
  /** what was dialled */
  number: string;
  /** the same in E.164; undefined: it is no phone number */
  e164: string | undefined;
  trace: Trace | undefined;
}

/** A DID: its destination on a node, or outside; behind it the number that it falls forward to. */
export function toInbound(callee: Callee, did: DidRoute): CallDecision {
  const owner = callee.state.model.domain(did.domain);
  if (owner === undefined) return finish(callee, { kind: 'inbound', answers: [], fallback: NOT_FOUND });
  const inOwner = { ...callee, domain: owner };
  if (did.dest_type === 'external' && passesNodeFirst(callee)) {
    // The node knows the DID by its number, where it leads, and where it falls forward to.
    const target = { user: did.did, host: owner.name, destType: did.dest_type };
    return finish(inOwner, { kind: 'inbound', did: did.did, answers: [nodes(inOwner, target, {})], target });
  }
  const forward = did.fail_forward === null ? undefined : trunks(inOwner, did.fail_forward);
  if (did.dest_type === 'external') {
    const outside = trunks(inOwner, did.destination);
    return finish(inOwner, { kind: 'inbound', did: did.did, answers: [outside, forward] });
  }
  const user =
    did.dest_type === 'extension' ? callee.state.model.users.find(owner.name, did.destination) : undefined;
  const target = { user: user ?? did.destination, host: owner.name, destType: did.dest_type };
  const node = nodes(inOwner, target, { registrarOf: user });
  return finish(inOwner, { kind: 'inbound', did: did.did, answers: [node, forward], target });
}

/** A user of the domain: where it is registered, else where the domain's calls go. */
export function toUser(
  callee: Callee,
  { domain, user }: { domain: RoutingDomain; user: string },
): CallDecision {
  const target = { user, host: domain.name, destType: undefined };
  return finish(callee, { kind: 'local', answers: [nodes(callee, target, { registrarOf: user })], target });
}

/** A phone number outside; undefined: what was dialled is none. */
export function toOutbound(callee: Callee, domain: RoutingDomain): CallDecision | undefined {
  const outside = trunks(callee, callee.number, callee.e164);
  if (outside.number === null) return undefined;
  if (passesNodeFirst(callee)) {
    const target = { user: callee.number, host: domain.name, destType: undefined };
    const isEmergency = !outside.number.startsWith('+');
    return finish(callee, { kind: 'outbound', answers: [nodes(callee, target, { isEmergency })], target });
  }
  return finish(callee, { kind: 'outbound', answers: [outside] });
}

/** Whether a call to the outside is one for a node, which makes its CDR: what a node sends has passed one. */
function passesNodeFirst({ question, source }: Callee): boolean {
  return question.nodeFirst && source?.kind !== 'node';
}

/** Something that only a node's dialplan knows. */
export function toFeature(callee: Callee, domain: RoutingDomain): CallDecision {
  const destType = callee.state.model.dids.roomType(domain.name, callee.number);
  const target = { user: callee.number, host: domain.name, destType };
  // Who parks and who picks up dial different codes, so all of a domain's unknown codes stay together.
  const pin = destType === undefined ? `codes@${domain.name}` : undefined;
  return finish(callee, { kind: 'feature', answers: [nodes(callee, target, { pin })], target });
}

function trunks({ state, question, domain, trace }: Callee, number: string, e164?: string): TrunkAnswer {
  const { callId, attempted, from } = question;
  const asked = { number, e164, domain: domain?.name, caller: userOf(from), attempted, callId };
  return decideTrunk(state, asked, trace);
}

interface Target {
  user: string;
  host: string;
  destType: DestType | undefined;
}

interface Wish {
  /** the user that is called: where it is registered goes first */
  registrarOf?: string | undefined;
  pin?: string | undefined;
  isEmergency?: boolean;
}

function nodes(callee: Callee, target: Target, { registrarOf, pin: wanted, isEmergency }: Wish): NodeAnswer {
  const { state, question, trace } = callee;
  const { destType, host } = target;
  const pin = destType !== undefined && PINNED.has(destType) ? `${destType}:${target.user}@${host}` : wanted;
  const preferred = registrarOf === undefined ? [] : state.model.registrations.nodesOf(host, registrarOf);
  const { callId, src, attempted } = question;
  const asked = { destType, domain: host, callId, src, pin, preferred, isEmergency, attempted };
  return decideNode(state, asked, trace);
}

/** Kamailio tries twelve branches of a call at the most, and reads a document of limited length. Nobody waits for more. */
const MAX_LEGS = 10;

interface Findings {
  kind: CallDecision['kind'];
  did?: string | undefined;
  /** what was found, best first; the legs follow each other in this order */
  answers: readonly (NodeAnswer | TrunkAnswer | undefined)[];
  target?: Target;
  fallback?: { code: number; reason: string };
}

function finish(callee: Callee, findings: Findings): CallDecision {
  const { source, domain } = callee;
  const legs: Leg[] = [];
  const leftOut: LeftOut[] = [];
  let degraded = false;
  let pin: string | undefined;
  for (const answer of findings.answers) {
    if (answer === undefined) continue;
    leftOut.push(...answer.left_out);
    if ('degraded' in answer) degraded ||= answer.degraded;
    if ('pin' in answer) pin ??= answer.pin ?? undefined;
    addLegs(legs, answer, callee, findings.target);
  }
  const common = {
    kind: findings.kind,
    domain: domain?.name,
    tenant: domain?.tenant,
    source,
    leftOut,
    degraded,
  };
  legs.splice(MAX_LEGS);
  if (legs.length > 0) return { ...common, result: 'route', did: findings.did, pin, legs };
  const first = findings.answers.find((answer) => answer !== undefined);
  const { code, reason } = findings.fallback ?? (first?.result === 'reject' ? first : UNAVAILABLE);
  return { ...common, result: 'reject', code, reason };
}

function addLegs(
  legs: Leg[],
  answer: NodeAnswer | TrunkAnswer,
  { state, domain }: Callee,
  target: Target | undefined,
): void {
  if (answer.result === 'reject') return;
  if ('trunks' in answer) {
    const host = domain?.name ?? '';
    for (const choice of answer.trunks) {
      const headers = state.model.fleet.trunk(choice.trunk)?.headers ?? {};
      legs.push({ kind: 'trunk', choice, host, headers });
    }
  } else if (target !== undefined) {
    const { user, host, destType } = target;
    for (const choice of answer.nodes) legs.push({ kind: 'node', choice, user, host, destType });
  }
}
