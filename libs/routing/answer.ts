import type { DestType } from '../snapshot/tables/did-routing.ts';

/** A definite no: `code` and `reason` are what the caller's SIP answer says. */
export interface Reject {
  result: 'reject';
  code: number;
  reason: string;
}

/** Something that was looked at and did not take the call. */
export interface LeftOut {
  /** trunk or node */
  name: string;
  reason: LeftOutReason;
}

/** Why a node or a trunk was left out. */
export type LeftOutReason =
  | 'attempted'
  | 'not-configured'
  | 'disabled'
  | 'draining'
  | 'no-sip-uri'
  | 'stale'
  | 'full'
  | 'over-cps'
  | 'no-cpu'
  | 'other-tenant'
  | 'other-caller'
  | 'closed'
  | 'inactive'
  | 'pinned-elsewhere'
  | 'registrar-unavailable';

/** Where a DID leads. */
export interface DidRoute {
  result: 'route';
  did: string;
  domain: string;
  tenant: string;
  dest_type: DestType;
  destination: string;
  priority: number;
  fail_forward: string | null;
}

/** A node that may take the call. */
export interface NodeChoice {
  node: string;
  sip_uri: string;
  region: string | null;
  /** live sessions and our own assignments that are not yet among them */
  sessions: number;
  max_sessions: number | null;
  /** age of its last heartbeat in milliseconds; null: none was heard */
  heartbeat_ms: number | null;
}

/** The nodes to try, in order. */
export interface NodeRoute {
  result: 'route';
  nodes: NodeChoice[];
  left_out: LeftOut[];
  /** no node had a fresh heartbeat: the last known load decided */
  degraded: boolean;
  /** what keeps the callers of a room, queue or lot together; null: nothing does */
  pin: string | null;
}

/** A trunk that may take the call. */
export interface TrunkChoice {
  trunk: string;
  route: string;
  prefix: string;
  priority: number;
  weight: number;
  /** as the carrier gets it: stripped and prepended */
  number: string;
  /** what the carrier is shown as the caller; null: the caller's own */
  caller_id: string | null;
  uri: string;
  dst_uri: string;
  /** the node that is registered with the carrier and carries the call; null: straight to the carrier */
  node: string | null;
  codecs: string | null;
  cost_per_minute: number | null;
}

/** The trunks to try, in order. */
export interface TrunkRouteAnswer {
  result: 'route';
  /** in E.164 with the plus; without it: an emergency number */
  number: string;
  trunks: TrunkChoice[];
  left_out: LeftOut[];
}

export type DidAnswer = DidRoute | Reject;
export type NodeAnswer = NodeRoute | (Reject & { left_out: LeftOut[]; degraded: boolean });
export type TrunkAnswer = TrunkRouteAnswer | (Reject & { number: string | null; left_out: LeftOut[] });

/** The answer that is the same for a number nobody has and a number of somebody else. */
export const NOT_FOUND: Reject = { result: 'reject', code: 404, reason: 'Not Found' };
/** There is a way, but nobody can take the call now. */
export const UNAVAILABLE: Reject = { result: 'reject', code: 503, reason: 'Service Unavailable' };
