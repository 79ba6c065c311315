import type { NodeState } from '../../libs/records/node-event.ts';
import type { NodeLoad } from '../../libs/records/node-load.ts';

/** What a collector knows of a node that it follows, in memory. */
export interface NodeReading {
  node: string;
  state: NodeState;
  load: NodeLoad;
  /** what the store says of it; undefined while the database does not answer */
  calls: number | undefined;
  registrations: number | undefined;
}

/** A figure of a node; null or undefined where it is not known. */
export interface NodeFigure {
  name: string;
  help: string;
  kind?: 'counter';
  /** also of a node that we have no connection to */
  isOfAbsent?: boolean;
  read: (reading: NodeReading) => number | null | undefined;
}

const seconds = (ms: number | null) => (ms === null ? null : ms / 1000);
const ratio = (percent: number | null) => (percent === null ? null : percent / 100);

export function isUp({ state }: NodeReading): boolean {
  return state === 'live' || state === 'stale';
}

/** Our own names, at /metrics with a label `node`. */
export const NODE_FIGURES: readonly NodeFigure[] = [
  {
    name: 'switchfleet_node_up',
    help: '1 when the event socket of the node is connected and its channels are known',
    isOfAbsent: true,
    read: (reading) => (isUp(reading) ? 1 : 0),
  },
  {
    name: 'switchfleet_node_sessions',
    help: 'Channels that live on the node, counted from its events',
    read: ({ load }) => load.sessions,
  },
  {
    name: 'switchfleet_node_sessions_max',
    help: 'Most channels that the node takes (max-sessions)',
    read: ({ load }) => load.max_sessions,
  },
  {
    name: 'switchfleet_node_sessions_peak',
    help: 'Most channels since its process began',
    read: ({ load }) => load.sessions_peak,
  },
  {
    name: 'switchfleet_node_sessions_total',
    help: 'Channels since its process began',
    kind: 'counter',
    read: ({ load }) => load.sessions_total,
  },
  {
    name: 'switchfleet_node_sessions_per_second',
    help: 'Channels that began in the last second',
    read: ({ load }) => load.sessions_per_second,
  },
  {
    name: 'switchfleet_node_sessions_per_second_max',
    help: 'Most channels that may begin in a second (sessions-per-second)',
    read: ({ load }) => load.max_sessions_per_second,
  },
  {
    name: 'switchfleet_node_idle_cpu_ratio',
    help: 'Share of the processor that is idle, 0 to 1',
    read: ({ load }) => ratio(load.idle_cpu),
  },
  {
    name: 'switchfleet_node_uptime_seconds',
    help: 'How long its process has run',
    read: ({ load }) => seconds(load.uptime_ms),
  },
  {
    name: 'switchfleet_node_calls',
    help: 'Calls that are live and cross the node',
    read: ({ calls }) => calls,
  },
  {
    name: 'switchfleet_node_registrations',
    help: 'Contacts that are registered on the node',
    read: ({ registrations }) => registrations,
  },
];

/**
 * The names that existing dashboards and rules use, at /probe?target=NODE: those of the freeswitch exporters of
 * florentchauveau and mroject (idle processor in percent), then znerol's.
 */
export const PROBE_FIGURES: readonly NodeFigure[] = [
  {
    name: 'freeswitch_up',
    help: 'Was the node reached',
    isOfAbsent: true,
    read: (reading) => (isUp(reading) ? 1 : 0),
  },
  { name: 'freeswitch_current_calls', help: 'Number of calls active', read: ({ calls }) => calls },
  {
    name: 'freeswitch_current_channels',
    help: 'Number of channels active',
    read: ({ load }) => load.sessions,
  },
  {
    name: 'freeswitch_current_sessions',
    help: 'Number of sessions active',
    read: ({ load }) => load.sessions,
  },
  {
    name: 'freeswitch_current_sessions_peak',
    help: 'Peak sessions since startup',
    read: ({ load }) => load.sessions_peak,
  },
  { name: 'freeswitch_max_sessions', help: 'Max sessions allowed', read: ({ load }) => load.max_sessions },
  {
    name: 'freeswitch_current_sps',
    help: 'Number of sessions per second',
    read: ({ load }) => load.sessions_per_second,
  },
  {
    name: 'freeswitch_max_sps',
    help: 'Max sessions per second allowed',
    read: ({ load }) => load.max_sessions_per_second,
  },
  { name: 'freeswitch_current_idle_cpu', help: 'CPU idle, percent', read: ({ load }) => load.idle_cpu },
  {
    name: 'freeswitch_sessions_total',
    help: 'Number of sessions since startup',
    kind: 'counter',
    read: ({ load }) => load.sessions_total,
  },
  { name: 'freeswitch_uptime_seconds', help: 'Uptime', read: ({ load }) => seconds(load.uptime_ms) },
  {
    name: 'freeswitch_registrations',
    help: 'Number of registrations',
    read: ({ registrations }) => registrations,
  },
  { name: 'freeswitch_session_active', help: 'Active sessions', read: ({ load }) => load.sessions },
  { name: 'freeswitch_session_limit', help: 'Session limit', read: ({ load }) => load.max_sessions },
  {
    name: 'freeswitch_session_total',
    help: 'Sessions since startup',
    kind: 'counter',
    read: ({ load }) => load.sessions_total,
  },
];
