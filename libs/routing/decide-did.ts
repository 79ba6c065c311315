import { toE164 } from '../numbering/e164.ts';
import { type DidAnswer, type DidRoute, NOT_FOUND } from './answer.ts';
import type { DidTarget } from './entities.ts';
import type { RoutingState } from './routing-state.ts';
import { isOpen } from './schedule.ts';
import type { Trace } from './trace.ts';

/** A number as it stood in the request, and who may have it. */
export interface DidQuestion {
  number: string;
  /** a host that is none of our domains (the proxy's own address) says nothing */
  domain: string | undefined;
  /** only numbers of these tenants: the trunk that the call came in by is theirs */
  tenants?: ReadonlySet<string> | undefined;
  /** the number in E.164, for who has worked that out already */
  e164?: string | undefined;
}

/**
 * Where an inbound number leads. Asked within a domain of ours, only its tenant's numbers are found (I6): another
 * tenant's number is as unknown as one that nobody has.
 */
export function decideDid(state: RoutingState, question: DidQuestion, trace?: Trace): DidAnswer {
  const { model } = state;
  const asked = question.domain === undefined ? undefined : model.domain(question.domain);
  const did = question.e164 ?? toE164(question.number, asked?.plan);
  const chain = did === undefined ? undefined : model.dids.get(did);
  trace?.note(
    'did',
    did ?? question.number,
    chain === undefined ? 'nobody has this number' : 'somebody has it',
  );
  if (did === undefined || chain === undefined) return NOT_FOUND;
  const owner = model.domain(chain.domain);
  if (owner === undefined || !owner.enabled) {
    trace?.note('did', did, 'its domain is disabled');
    return NOT_FOUND;
  }
  const isAsked = asked === undefined || asked.tenant === owner.tenant;
  if (!isAsked || question.tenants?.has(owner.tenant) === false) {
    trace?.note('did', did, 'belongs to another tenant');
    return NOT_FOUND;
  }
  const target = firstOpen(chain, { did, nowUs: state.nowUs, trace });
  return target === undefined ? NOT_FOUND : routeOf(did, target, owner.tenant);
}

function firstOpen(
  chain: DidTarget,
  { did, nowUs, trace }: { did: string; nowUs: number; trace: Trace | undefined },
): DidTarget | undefined {
  for (let target: DidTarget | undefined = chain; target !== undefined; target = target.next) {
    const isCounting = target.active && isOpen(target.schedule, nowUs);
    trace?.note('did', `${did} priority ${target.priority}`, isCounting ? 'counts' : whyNot(target));
    if (isCounting) return target;
  }
  return undefined;
}

function whyNot(target: DidTarget): string {
  return target.active ? 'outside its time windows' : 'not active';
}

function routeOf(did: string, target: DidTarget, tenant: string): DidRoute {
  return {
    result: 'route',
    did,
    domain: target.domain,
    tenant,
    dest_type: target.destType,
    destination: target.destination,
    priority: target.priority,
    fail_forward: target.failForward ?? null,
  };
}
