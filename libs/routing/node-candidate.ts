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
  /** how the call gets there; undefined: the node has no SIP URI */
  choice: NodeChoice | undefined;
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
  const heard = load.node(node);
  const sessions = (heard?.sessions ?? 0) + load.pendingOnNode(node, nowUs);
  const capacity = smaller(row?.max_sessions, heard?.max_sessions);
  const idleCpu = heard?.idle_cpu ?? undefined;
  const heartbeatMs = heard?.heartbeat_us
    ? Math.max(0, Math.round((nowUs - heard.heartbeat_us) / 1000))
    : null;
  const choice = row?.sip_uri
    ? {
        node,
        sip_uri: row.sip_uri,
        region: row.region,
        sessions,
        max_sessions: capacity ?? null,
        heartbeat_ms: heartbeatMs,
      }
    : undefined;
  return {
    member,
    row,
    sessions,
    capacity,
    rate: load.nodeRate(node, nowUs),
    maxRate: heard?.max_sessions_per_second ?? undefined,
    idleCpu,
    freshness: load.freshness(node, nowUs),
    score: scoreOf({ sessions, capacity, idleCpu, weight: member.weight }),
    choice,
  };
}

/** The smaller limit of those that are set. */
function smaller(left: number | null | undefined, right: number | null | undefined): number | undefined {
  const limits = [left, right].filter((limit) => limit !== null && limit !== undefined);
  return limits.length === 0 ? undefined : Math.min(...limits);
}

function scoreOf(figures: {
  sessions: number;
  capacity: number | undefined;
  idleCpu: number | undefined;
  weight: number;
}): number {
  const capacity = figures.capacity ?? USUAL_CAPACITY;
  const free = capacity <= 0 ? 0 : Math.max(0, 1 - figures.sessions / capacity);
  const cool = Math.min(1, (figures.idleCpu ?? 100) / HOT_IDLE_CPU);
  return free * cool * figures.weight;
}

/** Why a node may not take a new call; undefined: it may. `degraded`: no node's figures are fresh, so age says nothing. */
export function whyNot(candidate: Candidate, { degraded }: { degraded: boolean }): LeftOutReason | undefined {
  const { row, sessions, capacity, rate, maxRate, idleCpu, freshness, choice } = candidate;
  if (row === undefined) return 'not-configured';
  if (row.state !== 'active') return row.state;
  if (choice === undefined) return 'no-sip-uri';
  if (freshness === 'stale' && !degraded) return 'stale';
  if (capacity !== undefined && sessions >= capacity) return 'full';
  // 0 is what FreeSWITCH reports where it sets no limit.
  if (maxRate !== undefined && maxRate > 0 && rate >= maxRate) return 'over-cps';
  return idleCpu !== undefined && idleCpu < MIN_IDLE_CPU ? 'no-cpu' : undefined;
}
