import type {
  Access,
  CallDetail,
  CallPage,
  DiscoveredNodes,
  Kpis,
  NodePage,
  RejectPage,
} from './contract.ts';

/** Names for parts of what the api answers. Times are microseconds since 1970. */
export type Role = Access['role'];
export type FleetNode = NodePage['items'][number];
export type NodeLoad = NonNullable<FleetNode['load']>;
export type ConfiguredState = FleetNode['configured_state'];
export type DiscoveredNode = DiscoveredNodes['items'][number];
export type Call = CallPage['items'][number];
export type Leg = CallDetail['legs'][number];
/** One event of a leg, as its node told it. */
export type LegEvent = CallDetail['timeline'][number];
export type Reject = RejectPage['items'][number];

/** Who is signed in: of the console itself, not of the api. */
export interface Session {
  csrf_token: string;
  expires_us: number;
}

/** One group of calls in a report. */
export type KpiLine = Kpis['items'][number];
/** The figures of one group of calls; null where there was nothing to measure. */
export type Figures = KpiLine['figures'];

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}
