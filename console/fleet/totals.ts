import type { FleetNode } from '../api/shapes.ts';

export interface FleetTotals {
  nodes: number;
  live: number;
  sessions: number;
  maxSessions: number;
  sessionsPerSecond: number;
}

/** The fleet in figures: what its nodes said last. */
export function totalsOf(nodes: readonly FleetNode[]): FleetTotals {
  const sum = (figure: (node: FleetNode) => number | null | undefined) =>
    nodes.reduce((total, node) => total + (figure(node) ?? 0), 0);
  return {
    nodes: nodes.length,
    live: nodes.filter(({ state }) => state === 'live').length,
    sessions: sum(({ load }) => load?.sessions),
    maxSessions: sum(({ load }) => load?.max_sessions),
    sessionsPerSecond: sum(({ load }) => load?.sessions_per_second),
  };
}

/** The newest moment that any node told of: what heartbeats are measured against, beside this machine's clock. */
export function newestOf(nodes: readonly FleetNode[]): number {
  return Math.max(0, ...nodes.map(({ load }) => load?.at_us ?? 0));
}
