import { toE164 } from '../numbering/e164.ts';
import { type DidRoute, NOT_FOUND, type Reject } from './answer.ts';
import type { CallDecision, CallQuestion } from './call-decision.ts';
import { decideDid } from './decide-did.ts';
import { type Callee, toFeature, toInbound, toOutbound, toUser } from './destinations.ts';
import type { RoutingDomain, Source } from './entities.ts';
import type { RoutingState } from './routing-state.ts';
import { hostOf, userOf } from './sip-address.ts';
import { openTrunks, soleSource, tenantsOf, trunkFor, whoIs } from './sources.ts';
import type { Trace } from './trace.ts';

/**
 * The whole decision about one call. A carrier's call may only reach our DIDs. Everybody else asks within a domain: its
 * users first, then its tenant's DIDs, then the world by its trunks; what is no phone number at all (a feature code, a
 * room) is for a node's dialplan. Who asks is told by the address, which domain by the request URI; From counts only
 * where one of our nodes wrote it (I6).
 */
export function decideCall(state: RoutingState, question: CallQuestion, trace?: Trace): CallDecision {
  const sources = question.src === undefined ? [] : state.model.fleet.sourcesOf(question.src);
  const source = soleSource(sources);
  trace?.note('call', question.src ?? 'no address', whoIs(sources));
  const domain = domainOf(state, question, source);
  trace?.note(
    'call',
    domain?.name ?? question.domain ?? 'no domain',
    domain === undefined ? 'is no domain of ours' : 'is the domain that counts',
  );
  const number = userOf(question.to);
  const e164 = toE164(number, domain?.plan);
  const callee: Callee = { state, question, source, domain, number, e164, trace };
  if (domain !== undefined && !domain.enabled) return rejected(callee, 'inbound', NOT_FOUND);
  if (source?.kind === 'trunk') return fromTrunk(callee, sources);
  return domain === undefined ? inbound(callee) : within(callee, domain);
}

/** The domain that decides: that of the request URI; for our own nodes, who call by the proxy's address, that of From. */
function domainOf(
  { model }: RoutingState,
  question: CallQuestion,
  source: Source | undefined,
): RoutingDomain | undefined {
  const named = question.domain ?? hostOf(question.to);
  const asked = named === undefined ? undefined : model.domain(named);
  if (asked !== undefined || source?.kind !== 'node') return asked;
  const caller = hostOf(question.from);
  return caller === undefined ? undefined : model.domain(caller);
}

function inbound(callee: Callee): CallDecision {
  const did = didOf(callee, undefined);
  return did.result === 'reject' ? rejected(callee, 'inbound', did) : toInbound(callee, did);
}

/** Tenants may have trunks of their own at one carrier's address: the DID tells whose trunk it was. */
function fromTrunk(callee: Callee, sources: readonly Source[]): CallDecision {
  const { fleet } = callee.state.model;
  const trunks = openTrunks(sources, fleet);
  const did = didOf(callee, tenantsOf(trunks));
  if (did.result === 'reject') return rejected(callee, 'inbound', did);
  const source = trunks.length < 2 ? callee.source : trunkFor(trunks, did.tenant);
  return toInbound({ ...callee, source }, did);
}

function didOf({ state, question, domain, number, e164, trace }: Callee, tenants?: ReadonlySet<string>) {
  return decideDid(state, { number, e164, domain: domain?.name ?? question.domain, tenants }, trace);
}

function within(callee: Callee, domain: RoutingDomain): CallDecision {
  const { state, source, number, trace } = callee;
  const user = state.model.users.find(domain.name, number);
  if (user !== undefined) {
    trace?.note('call', number, `is user ${user}@${domain.name}`);
    return toUser(callee, { domain, user });
  }
  const did = ownDid(callee);
  if (did !== undefined) return toInbound(callee, did);
  const outbound = toOutbound(callee, domain);
  if (outbound !== undefined) return outbound;
  trace?.note('call', number, 'is no user, no DID and no phone number');
  // A node that asks has looked in its own dialplan already; sending the call back would go round for ever.
  if (source?.kind === 'node') return rejected(callee, 'feature', NOT_FOUND);
  return toFeature(callee, domain);
}

function ownDid({ state, domain, number, e164, trace }: Callee): DidRoute | undefined {
  if (e164 === undefined) return undefined;
  const did = decideDid(state, { number, e164, domain: domain?.name }, trace);
  return did.result === 'route' ? did : undefined;
}

function rejected(
  { source, domain }: Callee,
  kind: CallDecision['kind'],
  { code, reason }: Reject,
): CallDecision {
  return {
    result: 'reject',
    code,
    reason,
    kind,
    domain: domain?.name,
    tenant: domain?.tenant,
    source,
    leftOut: [],
    degraded: false,
  };
}
