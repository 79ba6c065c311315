import type { Call } from '../records/call.ts';
import { answeredBy } from './answered-by.ts';
import { type CallContext, domainOfLeg } from './call-context.ts';
import { callIdOf, compareIdentities } from './call-id.ts';
import { type Conversation, conversationOf } from './conversation.ts';
import { directionOf } from './direction.ts';
import { dispositionOf } from './disposition.ts';
import { fromFront } from './front-leg.ts';
import { hangupBy } from './hangup-by.ts';
import { compareText } from './layers.ts';
import type { Leg } from './leg.ts';
import { onOneClock } from './one-clock.ts';
import { sipPath } from './sip-path.ts';
import { transfersOf } from './transfers.ts';

/** A call without the bookkeeping of its publication. */
export type CallSummary = Omit<Call, 'v' | 'revision' | 'merged_into' | 'state'> & {
  /** all of its legs have ended */
  is_over: boolean;
};

/**
 * The call that legs make: a pure function of them and of whose numbers and hosts they are.
 * @throws TypeError without legs
 */
export function summarise(legs: readonly Leg[], context: CallContext): CallSummary {
  const path = onOneClock(sipPath(legs));
  const [first] = path;
  const [earliest] = legs.toSorted(compareIdentities);
  if (first === undefined || earliest === undefined) throw new TypeError('a call has legs');
  const told = fromFront(path);
  const conversation = conversationOf(told);
  const isOver = path.every(({ end_us }) => end_us !== null);
  return {
    id: callIdOf(earliest),
    is_over: isOver,
    ...ownerOf(path, context),
    direction: directionOf(path),
    caller_id_name: first.caller_id_name,
    caller: first.caller_id_number,
    callee: first.destination_number,
    trunk: path.find(({ trunk }) => trunk !== null)?.trunk ?? null,
    nodes: [...new Set(path.map(({ node }) => node))],
    legs: path.map(({ uuid }) => uuid),
    ...timesOf(path, { earliest, conversation, isOver }),
    ...outcomeOf(told, { conversation, isOver }),
    answered_by: conversation.answer_us === null ? null : answeredBy(told),
    pdd_ms: pddOf(first, told[0] ?? first),
    mos: leastOf(path.map(({ mos }) => mos)),
    recording_paths: [...new Set(path.flatMap(({ recording_paths }) => recording_paths))].sort(compareText),
    transfers: transfersOf(path),
  };
}

/** The first leg decides whose call it is; where it belongs to nobody, the next one of the path that does. */
function ownerOf(path: readonly Leg[], context: CallContext): Pick<Call, 'tenant' | 'domain' | 'did'> {
  const domains = path.map((leg) => domainOfLeg(leg, context)).filter((domain) => domain !== null);
  const domain = domains.find((name) => context.tenantOf(name) !== undefined) ?? domains[0] ?? null;
  const asked = path[0]?.destination_number ?? null;
  return {
    tenant: domain === null ? null : (context.tenantOf(domain) ?? null),
    domain,
    did: asked === null ? null : (context.didOf(asked)?.did ?? null),
  };
}

interface Bounds {
  earliest: Leg;
  conversation: Conversation;
  isOver: boolean;
}

type Times = 'start_us' | 'answer_us' | 'end_us' | 'duration' | 'billsec';

function timesOf(path: readonly Leg[], { earliest, conversation, isOver }: Bounds): Pick<Call, Times> {
  const end = isOver ? Math.max(...path.map(({ end_us }) => end_us ?? 0)) : null;
  const start = Math.min(...path.map(({ start_us }) => start_us));
  const { answer_us, talk_end_us } = conversation;
  return {
    start_us: earliest.start_us,
    answer_us,
    end_us: end,
    duration: end === null ? null : seconds(end - start),
    billsec: end === null ? null : seconds((talk_end_us ?? 0) - (answer_us ?? 0)),
  };
}

function outcomeOf(
  path: readonly Leg[],
  { conversation, isOver }: Omit<Bounds, 'earliest'>,
): Pick<Call, 'hangup_cause' | 'hangup_by' | 'disposition'> {
  if (!isOver) return { hangup_cause: null, hangup_by: null, disposition: null };
  return {
    hangup_cause: path[0]?.hangup_cause ?? null,
    hangup_by: hangupBy(path, conversation),
    disposition: dispositionOf(path, conversation),
  };
}

/** PostgreSQL's integer ends there, after 24.8 days; nobody waits for so long. */
const LONGEST_PDD_MS = 2 ** 31 - 1;

/** Post-dial delay: from the first leg's start until the caller heard or saw that something rings or answers. */
function pddOf({ start_us }: Leg, { progress_us, progress_media_us, answer_us }: Leg): number | null {
  const heard = leastOf([progress_us, progress_media_us, answer_us]);
  const ms = heard === null ? Number.POSITIVE_INFINITY : Math.max(0, Math.round((heard - start_us) / 1000));
  return ms > LONGEST_PDD_MS ? null : ms;
}

function leastOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function seconds(us: number): number {
  return Math.max(0, Math.round(us / 1000) / 1000);
}
