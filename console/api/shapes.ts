/** What the api answers, as far as the console reads it. Times are microseconds since 1970. */
export interface Session {
  csrf_token: string;
  expires_us: number;
}

export type Role = 'analyst' | 'operator' | 'admin';

export interface Access {
  name: string;
  role: Role;
  /** null: the whole fleet */
  tenant: string | null;
}

export interface NodeLoad {
  at_us: number;
  heartbeat_us: number | null;
  sessions: number;
  max_sessions: number | null;
  sessions_per_second: number | null;
  max_sessions_per_second: number | null;
  idle_cpu: number | null;
  uptime_ms: number | null;
  version: string | null;
  sessions_peak: number | null;
  trunks: Record<string, number>;
}

export type ConfiguredState = 'active' | 'draining' | 'disabled';

export interface FleetNode {
  switchname: string;
  esl_host: string;
  esl_port: number;
  configured_state: ConfiguredState;
  state: string | null;
  reason: string | null;
  state_us: number | null;
  core_uuid: string | null;
  clock_offset_us: number | null;
  load: NodeLoad | null;
}

/** What an order to a node did. */
export interface NodeOrder {
  switchname: string;
  state: ConfiguredState;
  before: string;
  kamailios: { host: string; problem: string | null }[];
}

export interface Transfer {
  at_us: number | null;
  kind: string;
  to: string | null;
}

interface CallFields {
  id: string;
  revision: number;
  state: 'live' | 'finished';
  tenant: string | null;
  domain: string | null;
  direction: string | null;
  caller_id_name: string | null;
  caller: string | null;
  callee: string | null;
  did: string | null;
  trunk: string | null;
  nodes: string[];
  start_us: number;
  answer_us: number | null;
  end_us: number | null;
  duration: number | null;
  billsec: number | null;
  pdd_ms: number | null;
  hangup_cause: string | null;
  hangup_by: 'caller' | 'callee' | 'system' | null;
  disposition: string | null;
  answered_by: string | null;
  mos: number | null;
  recording_paths: string[];
  transfers: Transfer[];
}

export interface Call extends CallFields {
  legs: string[];
}

export interface Leg {
  uuid: string;
  node: string;
  core_uuid: string | null;
  direction: string | null;
  state: string | null;
  start_us: number;
  progress_us: number | null;
  answer_us: number | null;
  end_us: number | null;
  duration: number | null;
  billsec: number | null;
  caller_id_name: string | null;
  caller_id_number: string | null;
  destination_number: string | null;
  domain: string | null;
  trunk: string | null;
  originator: string | null;
  sip_call_id: string | null;
  sip_status: number | null;
  hangup_cause: string | null;
  ended_by: string | null;
  is_interrupted: boolean;
  mos: number | null;
  recording_paths: string[];
}

/** One call with its legs, in order of the SIP path. */
export interface CallDetail extends CallFields {
  legs: Leg[];
  timeline: LegEvent[];
  /** false: there are more events than the api gives */
  timeline_complete: boolean;
  cdrs: { uuid: string; format: 'xml' | 'json'; node: string; bytes: number; url: string }[];
}

/** One event of a leg, as its node told it. */
export interface LegEvent {
  uuid: string;
  node: string;
  at_us: number;
  sequence: number;
  event_name: string;
  event_subclass: string | null;
  headers: Record<string, string>;
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** A page of a search. */
export interface SearchPage<T> extends Page<T> {
  /** false: the search ran out of time */
  complete: boolean;
  /** RFC 3339; when not complete: from here on everything was searched */
  searched_to: string | null;
}
