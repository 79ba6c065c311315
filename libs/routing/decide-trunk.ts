import { toE164 } from '../numbering/e164.ts';
import { prefixesOf } from '../numbering/prefix-trie.ts';
import {
  type LeftOut,
  type LeftOutReason,
  NOT_FOUND,
  type TrunkAnswer,
  type TrunkChoice,
  UNAVAILABLE,
} from './answer.ts';
import { drawPlace } from './chance.ts';
import type { RoutingDomain, TrunkRoute } from './entities.ts';
import type { RoutingState } from './routing-state.ts';
import { isOpen } from './schedule.ts';
import type { TrunkRow } from './tables/trunks.ts';
import type { Trace } from './trace.ts';
import { silentLast, trunkChoice } from './trunk-choice.ts';

/** An outbound call. */
export interface TrunkQuestion {
  /** as it was dialled */
  number: string;
  /** the domain that calls; a host that is none of ours has no trunks */
  domain: string | undefined;
  /** the caller's number, as it stands in From */
  caller: string | undefined;
  /** trunks that refused this call already */
  attempted: ReadonlySet<string>;
  /** draws the order among equals; the same call gets the same one */
  callId: string | undefined;
  /** the number in E.164, for who has worked that out already */
  e164?: string | undefined;
}

interface Candidate {
  route: TrunkRoute;
  trunk: TrunkRow | undefined;
  place: number;
}

interface Call {
  domain: RoutingDomain;
  callerDigits: string;
  attempted: ReadonlySet<string>;
  isEmergency: boolean;
}

/**
 * The trunks for an outbound call, in the order to try them: the longest prefix, then the domain's own routes before
 * everybody's, then the longer caller prefix, then priority (higher first), then by weight.
 */
export function decideTrunk(state: RoutingState, question: TrunkQuestion, trace?: Trace): TrunkAnswer {
  const domain = question.domain === undefined ? undefined : state.model.domain(question.domain);
  if (domain === undefined || !domain.enabled) {
    trace?.note('trunk', question.domain ?? 'no domain', 'is no domain of ours');
    return { ...NOT_FOUND, number: null, left_out: [] };
  }
  const { number, candidates, isEmergency } = find(state, question, domain);
  if (number === undefined) {
    trace?.note('trunk', question.number, 'is no phone number, and no emergency trunk has it');
    return { ...NOT_FOUND, number: null, left_out: [] };
  }
  const callerDigits = (question.caller && toE164(question.caller, domain.plan)?.slice(1)) || '';
  const call: Call = { domain, callerDigits, attempted: question.attempted, isEmergency };
  return answer(state, { number, candidates, call, trace });
}

/**
 * Prefixes that are emergency numbers and nothing else, though numbers in E.164 begin so: two and three digits from 1 (15,
 * 112; nobody splits North America by half an area code), and 911 (Delhi is +91 11).
 */
const NEVER_E164 = /^(?:1[0-9]{1,2}|911)$/;

/** Emergency numbers come first: written as they are dialled, they are the prefix of an emergency trunk's route. */
function find(state: RoutingState, { number, callId, e164: known }: TrunkQuestion, domain: RoutingDomain) {
  const seed = callId ?? state.seed;
  if (/^[0-9]{2,6}$/.test(number)) {
    const exact = matching(state, domain, number, seed).filter(
      ({ route, trunk }) => route.prefix === number && trunk?.is_emergency === true,
    );
    if (exact.length > 0) return { number, candidates: exact, isEmergency: true };
  }
  const e164 = known ?? toE164(number, domain.plan);
  if (e164 === undefined) return { number: undefined, candidates: [], isEmergency: false };
  return { number: e164, candidates: matching(state, domain, e164.slice(1), seed), isEmergency: false };
}

function matching(state: RoutingState, domain: RoutingDomain, digits: string, seed: string): Candidate[] {
  const { trunkRoutes, fleet } = state.model;
  const found: Candidate[] = [];
  for (const shard of [trunkRoutes.of(domain.name), trunkRoutes.of(undefined)]) {
    for (const routes of prefixesOf(shard, digits)) {
      for (const route of routes) {
        const trunk = fleet.trunk(route.trunk);
        // Who calls Delhi does not want the police.
        if (trunk?.is_emergency && digits !== route.prefix && NEVER_E164.test(route.prefix)) continue;
        found.push({ route, trunk, place: 0 });
      }
    }
  }
  // One way alone needs no draw, and is what most numbers have.
  if (found.length < 2) return found;
  for (const candidate of found)
    candidate.place = drawPlace(seed, candidate.route.id, candidate.route.weight);
  return found.sort(byPreference);
}

function byPreference(left: Candidate, right: Candidate): number {
  return (
    right.route.prefix.length - left.route.prefix.length ||
    Number(left.route.domain === undefined) - Number(right.route.domain === undefined) ||
    right.route.callerPrefix.length - left.route.callerPrefix.length ||
    right.route.priority - left.route.priority ||
    left.place - right.place
  );
}

interface Found {
  number: string;
  candidates: readonly Candidate[];
  call: Call;
  trace: Trace | undefined;
}

function answer(state: RoutingState, { number, candidates, call, trace }: Found): TrunkAnswer {
  const trunks: TrunkChoice[] = [];
  const leftOut: LeftOut[] = [];
  const taken = new Set<string>();
  for (const { route, trunk } of candidates) {
    if (taken.has(route.trunk)) continue;
    const reason = whyNot(state, call, { route, trunk });
    const choice =
      reason === undefined && trunk !== undefined ? trunkChoice(state, { number, route, trunk }) : undefined;
    trace?.note(
      'trunk',
      route.trunk,
      reason ?? (choice === undefined ? 'registrar-unavailable' : 'may take the call'),
      {
        route: route.id,
        prefix: route.prefix,
        priority: route.priority,
        weight: route.weight,
        channels: state.load.trunkChannels(route.trunk, state.nowUs),
      },
    );
    if (choice === undefined) leftOut.push({ name: route.trunk, reason: reason ?? 'registrar-unavailable' });
    else trunks.push(choice);
    // The first route of a trunk that takes the call is the best one: a second try there would end the same way.
    if (choice !== undefined) taken.add(route.trunk);
  }
  if (trunks.length > 0)
    return { result: 'route', number, trunks: silentLast(state, trunks), left_out: leftOut };
  const isBusy = leftOut.some(({ reason }) => BUSY.has(reason));
  return { ...(isBusy ? UNAVAILABLE : NOT_FOUND), number, left_out: leftOut };
}

/** A way that exists but is closed for now; everything else means that there is no way. */
const BUSY: ReadonlySet<LeftOutReason> = new Set(['attempted', 'full', 'over-cps', 'registrar-unavailable']);

function whyNot(
  { load, nowUs }: RoutingState,
  { domain, callerDigits, attempted, isEmergency }: Call,
  { route, trunk }: Pick<Candidate, 'route' | 'trunk'>,
): LeftOutReason | undefined {
  if (!route.active) return 'inactive';
  if (!isOpen(route.schedule, nowUs)) return 'closed';
  if (!callerDigits.startsWith(route.callerPrefix)) return 'other-caller';
  if (trunk === undefined) return 'not-configured';
  if (!trunk.enabled) return 'disabled';
  if (trunk.tenant !== null && trunk.tenant !== domain.tenant) return 'other-tenant';
  if (attempted.has(trunk.key)) return 'attempted';
  // Nobody who calls for help is told that a limit was reached.
  if (isEmergency) return undefined;
  if (trunk.max_channels !== null && load.trunkChannels(trunk.key, nowUs) >= trunk.max_channels)
    return 'full';
  if (trunk.max_cps !== null && load.trunkRate(trunk.key, nowUs) >= trunk.max_cps) return 'over-cps';
  return undefined;
}
