import { element, renderDocument } from '../../../libs/freeswitch/xml/element.ts';
import type { LookupForm } from '../../../libs/freeswitch/xml/form.ts';
import { foldName } from '../../../libs/freeswitch/xml/name.ts';
import type { DomainRow } from '../../../libs/snapshot/tables/domains.ts';
import { type Answer, NOTHING_TO_SAY } from '../answers.ts';
import { dialString, proxyUri } from '../dial-string.ts';
import { isFitDomain, isFitName } from '../fit-name.ts';
import { isForwarded } from '../forwarded.ts';
import type { Surroundings } from '../surroundings.ts';
import { correlationActions } from './correlation.ts';
import { type Destination, findDestination } from './destination.ts';
import { findOwnedDid } from './did-domain.ts';
import { GUEST_VARIABLE, type IncomingCall, readCall } from './incoming-call.ts';
import { type Action, actionsFor, NOT_FOUND_ACTIONS, type TemplateParts } from './templates.ts';

const CONTEXT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/;
const NUMBER = /^\+?[0-9]{2,15}$/;
const SHOWN_NUMBER = /^\+?[0-9]{1,32}$/;
const SHOWN_NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u;

/**
 * Marks the legs that a guest's call makes, not itself: who is called may send the guest anywhere. A queue calls its agents by
 * legs of their own, which have what `cc_export_vars` names and nothing else of the call.
 */
const GUEST_ACTIONS: readonly Action[] = [
  ['export', `nolocal:${GUEST_VARIABLE}=true`],
  ['set', `cc_export_vars=nolocal:${GUEST_VARIABLE}`],
];

/**
 * What a node does with a call in a context of ours: a context that a domain names, or that is called like a domain.
 * There a number that leads nowhere gets a 404; in other contexts we have nothing to say.
 */
export function answerDialplan(form: LookupForm, surroundings: Surroundings): Answer {
  const { model, correlationHeader } = surroundings;
  const asked = readCall(form, { fleet: model.fleet, correlationHeader });
  const owners = CONTEXT.test(asked.context) ? model.domains.ofContext(asked.context) : [];
  if (owners.length === 0) return NOTHING_TO_SAY;
  const { call, domain } = placed(asked, owners, surroundings);
  const destination = domain?.enabled ? findDestination(call, domain, surroundings) : undefined;
  if (destination === undefined || !isFit(destination.domain))
    return { kind: 'unknown', xml: render(call.context, 'nowhere', NOT_FOUND_ACTIONS) };
  const actions = [
    ...callActions(destination.domain, call),
    ...correlationActions(call, surroundings),
    ...actionsFor(destination, partsOf(destination, { call, form, surroundings })),
  ];
  return { kind: 'dialplan', xml: render(call.context, destination.type, actions) };
}

/**
 * Whose call it is. Who logged in calls within his domain, whatever his request says; else the request line and To
 * decide among the domains that share the context (I6), or the DID where neither names one of them.
 */
function placed(
  call: IncomingCall,
  owners: readonly DomainRow[],
  surroundings: Surroundings,
): { call: IncomingCall; domain: DomainRow | undefined } {
  const named = (host: string) => owners.find(({ key }) => key === foldName(host));
  if (call.userDomain !== undefined) return { call, domain: named(call.userDomain) };
  const asked = call.hosts.map(named).find((domain) => domain !== undefined);
  const domain = asked ?? (owners.length === 1 ? owners[0] : undefined);
  if (domain !== undefined) return { call, domain };
  const did = findOwnedDid(call, owners, surroundings);
  // the domain's own country may read the same digits as another number
  return { call: { ...call, number: did?.e164 ?? call.number }, domain: did?.domain };
}

function isFit({ key, tenant }: DomainRow): boolean {
  return isFitDomain(key) && isFitName(tenant);
}

function callActions({ key, tenant }: DomainRow, { isGuests }: IncomingCall): Action[] {
  return [
    ['export', `domain_name=${key}`],
    ['export', `tenant=${tenant}`],
    ...(isGuests ? GUEST_ACTIONS : []),
  ];
}

interface Asked {
  call: IncomingCall;
  form: LookupForm;
  surroundings: Surroundings;
}

function partsOf(destination: Destination, { call, form, surroundings }: Asked): TemplateParts {
  const { domain, failForward } = destination;
  const outside = (number: string) => {
    const target = outsideString(number, domain, call, surroundings);
    return target === undefined ? undefined : `${shownOutside(call, domain, surroundings)}${target}`;
  };
  const forwardString = failForward === undefined ? undefined : outside(failForward);
  if (destination.type === 'external') {
    const { number, gateway } = destination;
    const chosen =
      gateway === undefined
        ? outside(number)
        : gatewayString(gateway, number, { domain, call, surroundings });
    return { outsideString: chosen, forwardString };
  }
  if (destination.type !== 'extension') return {};
  const { user } = destination;
  const isForwardedHere = call.isFromOurs && isForwarded(form, user);
  // Whoever sent it rings the user's other phones meanwhile, and knows what comes behind them: a mailbox here would answer first.
  const isRungElsewhere = isForwardedHere && !call.isAnswered;
  const behind = isRungElsewhere ? { isRungElsewhere } : { forwardString };
  // Only the `user/` endpoint sets what an administrator's dial-string may name (`dialed_user`), so that asks for it.
  if (domain.dial_string !== null) return { dialString: `user/${user.user_id}@${domain.key}`, ...behind };
  const callee = { user, domain, asker: call.node, isForwarded: isForwardedHere, tellsForwarded: true };
  return { dialString: dialString(callee, surroundings), ...behind };
}

/**
 * By the trunk that routing chose, which this node must be registered with. By no other way: the proxy would send the call
 * back here, round and round.
 */
function gatewayString(
  name: string,
  number: string,
  { domain, call, surroundings }: { domain: DomainRow; call: IncomingCall; surroundings: Surroundings },
): string | undefined {
  const gateway = surroundings.model.fleet
    .gatewaysOf(call.node)
    .find(({ key, tenant }) => key === name && (tenant === null || tenant === domain.tenant));
  if (gateway === undefined || !isFitName(gateway.key)) return undefined;
  return `sofia/gateway/${gateway.key}/${number.replaceAll('#', '%23')}`;
}

/** To the world by the proxy, which chooses the trunk; without one, by the first trunk that this node registers. */
function outsideString(
  number: string,
  domain: DomainRow,
  { node }: IncomingCall,
  { model }: Surroundings,
): string | undefined {
  if (!NUMBER.test(number)) return undefined;
  const proxy = proxyUri(model.fleet);
  const profile = model.fleet.node(node)?.sip_profile ?? 'internal';
  if (proxy !== undefined && isFitName(profile)) {
    return `sofia/${profile}/${number}@${domain.key};fs_path=${encodeURIComponent(proxy)}`;
  }
  const gateway = model.fleet
    .gatewaysOf(node)
    .find(({ tenant, key }) => (tenant === null || tenant === domain.tenant) && isFitName(key));
  return gateway && `sofia/gateway/${gateway.key}/${number}`;
}

/**
 * The number and name that a user shows to the world, on the leg there alone: his own number says nothing to anybody
 * outside. A name is left out when it has more than letters, digits and blanks: it stands in a dial-string here.
 */
function shownOutside({ caller }: IncomingCall, { tenant }: DomainRow, { model }: Surroundings): string {
  if (caller === undefined || model.domains.get(caller.domain)?.tenant !== tenant) return '';
  const found = model.users.find('id', caller.user, caller.domain);
  const { outbound_caller_id_number: number, outbound_caller_id_name: name } = found ?? {};
  if (typeof number !== 'string' || !SHOWN_NUMBER.test(number)) return '';
  const named =
    typeof name === 'string' && SHOWN_NAME.test(name) ? `:origination_caller_id_name=${name}` : '';
  return `{^^:origination_caller_id_number=${number}${named}}`;
}

function render(context: string, name: string, actions: readonly Action[]): string {
  const condition = element(
    'condition',
    {},
    actions.map(([application, data]) =>
      element('action', data === undefined ? { application } : { application, data }),
    ),
  );
  const extension = element('extension', { name: `switchfleet-${name}` }, [condition]);
  return renderDocument(
    element('section', { name: 'dialplan' }, [element('context', { name: context }, [extension])]),
  );
}
