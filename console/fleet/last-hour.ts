import type { Api } from '../api/client.ts';
import type { Concurrency, Kpis } from '../api/contract.ts';
import type { FleetNode } from '../api/shapes.ts';
import { toInstant } from '../time/instant.ts';

const HOUR_US = 3_600_000_000;
/** A curve a node costs a question a node. */
const MOST_CURVES = 24;

/** What the reports say of the hour before a moment. */
export interface LastHour {
  asr: number | null;
  acd: number | null;
  /** the most calls at once, minute by minute, by node */
  curves: Map<string, number[]>;
}

/** Asks for the last hour's figures, and a curve of each node. */
export async function loadLastHour(
  api: Api,
  nodes: readonly FleetNode[],
  nowUs: number,
  signal: AbortSignal,
): Promise<LastHour> {
  const span = new URLSearchParams({ from: toInstant(nowUs - HOUR_US), to: toInstant(nowUs) });
  const curve = async ({ switchname }: FleetNode) => {
    const query = new URLSearchParams([...span, ['node', switchname], ['step', 'minute']]);
    const { items } = await api.ask<Concurrency>(`/v1/reports/concurrency?${query}`, { signal });
    return [switchname, items.map(({ calls }) => calls)] as const;
  };
  const [kpis, curves] = await Promise.all([
    api.ask<Kpis>(`/v1/reports/kpis?${span}`, { signal }),
    Promise.all(nodes.slice(0, MOST_CURVES).map(curve)),
  ]);
  const figures = kpis.items[0]?.figures;
  return { asr: figures?.asr ?? null, acd: figures?.acd ?? null, curves: new Map(curves) };
}
