import type { NodeEvent } from '../records/node-event.ts';
import { type CoreFate, foldCore } from './core-fate.ts';

/** A core of a node. */
export interface NodeCore {
  node: string;
  core_uuid: string;
}

/** What became of every core that collectors spoke of, and of `others` on nodes that they spoke of. */
export function foldCores(events: readonly NodeEvent[], others: readonly NodeCore[] = []): CoreFate[] {
  return [...Map.groupBy(events, ({ node }) => node)].flatMap(([node, said]) => {
    const unnamed = others.filter((other) => other.node === node).map(({ core_uuid }) => core_uuid);
    const { byCore, ofAll } = sortByCore(said);
    const cores = new Set([...byCore.keys(), ...unnamed]);
    return [...cores].map((core_uuid) =>
      foldCore({ node, core_uuid }, [...(byCore.get(core_uuid) ?? []), ...ofAll]),
    );
  });
}

/** Whether a word about a node is said of all of its cores: a collector that never reached it knows none. */
export function isOfAllCores(event: NodeEvent): boolean {
  return event.kind === 'state' && event.core_uuid === null && event.state === 'down';
}

/** The cores that a word names; other states without a core say nothing of any. */
export function coresNamed(event: NodeEvent): string[] {
  const named = event.kind === 'core-changed' ? [event.old_core_uuid, event.core_uuid] : [event.core_uuid];
  return [...new Set(named.filter((core) => core !== null))];
}

/** In one pass: a server that restarts every half a minute has thousands of cores in a few days. */
function sortByCore(events: readonly NodeEvent[]): { byCore: Map<string, NodeEvent[]>; ofAll: NodeEvent[] } {
  const byCore = new Map<string, NodeEvent[]>();
  for (const event of events) {
    for (const core of coresNamed(event)) {
      const known = byCore.get(core);
      if (known === undefined) byCore.set(core, [event]);
      else known.push(event);
    }
  }
  return { byCore, ofAll: events.filter(isOfAllCores) };
}
