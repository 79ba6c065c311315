import type { NodeRow } from '../snapshot/tables/nodes.ts';
import type { LeftOutReason, NodeChoice } from './answer.ts';
import type { Member } from './entities.ts';
import type { Freshness } from './load/load-view.ts';
import type { RoutingState } from './routing-state.ts';

/** A member of a dispatch set with the figures that decide. */
export interface Candidate {
  member: Member;
  row: NodeRow | undefined;
  /** live sessions and our own assignments since */
  sessions: number;
  /** undefined: nobody set a limit */
  capacity: number | undefined;
  /** our own assignments in the last second, and what the node takes in one */
  rate: number;
  maxRate: number | undefined;
  /** percent */
  idleCpu: number | undefined;
  freshness: Freshness;
  /** free share of the capacity, times the weight: the highest takes the call */
  score: number;
  /** receipt of its last heartbeat; undefined: none was heard */
  heartbeatUs: number | undefined;
}

/** FreeSWITCH's own default, where neither the node nor its heartbeat says. */
const USUAL_CAPACITY = 1000;
/** Below this, percent, a node drops audio. */
const MIN_IDLE_CPU = 5;
/** From here down a busy CPU counts against a node; above it, sessions alone decide. */
const HOT_IDLE_CPU = 30;

/** Puts a node's figures together. */
export function examine({ model, load, nowUs }: RoutingState, member: Member): Candidate {
  const { node } = member;
  const row = model.fleet.node(node);
  const { heard, freshness, pending, rate } = load.figures(node, nowUs);
  const sessions = (heard?.sessions ?? 0) + pending;
  const capacity = smaller(row?.max_sessions, heard?.max_sessions);
  const idleCpu = heard?.idle_cpu ?? undefined;
  return {
    member,
    row,
    sessions,
    capacity,
    rate,
    maxRate: heard?.max_sessions_per_second ?? undefined,
    idleCpu,
    freshness,
    score: scoreOf(sessions, capacity, idleCpu ?? 100) * member.weight,
    heartbeatUs: heard?.heartbeat_us ?? undefined,
  };
}

/** The smaller limit of those that are set. */
function smaller(left: number | null | undefined, right: number | null | undefined): number | undefined {
  if (left === null || left === undefined) return right ?? undefined;
  return right === null || right === undefined ? left : Math.min(left, right);
}

function scoreOf(sessions: number, limit: number | undefined, idleCpu: number): number {
  const capacity = limit ?? USUAL_CAPACITY;
  const free = capacity <= 0 ? 0 : Math.max(0, 1 - sessions / capacity);
  return free * Math.min(1, idleCpu / HOT_IDLE_CPU);
}

/** A candidate as it is answered; undefined: it has no SIP URI. */
export function choiceOf(candidate: Candidate, nowUs: number): NodeChoice | undefined {
  const { member, row, sessions, capacity, heartbeatUs } = candidate;
  if (!row?.sip_uri) return undefined;
  return {
    node: member.node,
    sip_uri: row.sip_uri,
    region: row.region,
    sessions,
    max_sessions: capacity ?? null,
    heartbeat_ms: heartbeatUs === undefined ? null : Math.max(0, Math.round((nowUs - heartbeatUs) / 1000)),
  };
}

/** Why a node may not take a new call; undefined: it may. `degraded`: no node's figures are fresh, so age says nothing. */
export function whyNot(candidate: Candidate, { degraded }: { degraded: boolean }): LeftOutReason | undefined {
  const { row, sessions, capacity, rate, maxRate, idleCpu, freshness } = candidate;
  if (row === undefined) return 'not-configured';
  if (row.state !== 'active') return row.state;
  if (!row.sip_uri) return 'no-sip-uri';
  if (freshness === 'stale' && !degraded) return 'stale';
  if (capacity !== undefined && sessions >= capacity) return 'full';
  // 0 is what FreeSWITCH reports where it sets no limit.
  if (maxRate !== undefined && maxRate > 0 && rate >= maxRate) return 'over-cps';
  return idleCpu !== undefined && idleCpu < MIN_IDLE_CPU ? 'no-cpu' : undefined;
}
