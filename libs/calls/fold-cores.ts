import type { NodeEvent } from '../records/node-event.ts';
import { type CoreFate, foldCore } from './core-fate.ts';

/** A core of a node. */
export interface NodeCore {
  node: string;
  core_uuid: string;
}

/** What became of every core that collectors spoke of, and of `others` on nodes that they spoke of. */
export function foldCores(events: readonly NodeEvent[], others: readonly NodeCore[] = []): CoreFate[] {
  return [...Map.groupBy(events, ({ node }) => node)].flatMap(([node, said]) =>
    coresOf(node, said, others).map((core_uuid) =>
      foldCore({ node, core_uuid }, eventsOfCore(core_uuid, said)),
    ),
  );
}

function coresOf(node: string, events: readonly NodeEvent[], others: readonly NodeCore[]): string[] {
  const named = events.flatMap((event) =>
    event.kind === 'core-changed' ? [event.old_core_uuid, event.core_uuid] : (event.core_uuid ?? []),
  );
  const unnamed = others.filter((other) => other.node === node).map(({ core_uuid }) => core_uuid);
  return [...new Set([...named, ...unnamed])];
}

/** What was said of this core, and of its node as a whole. */
function eventsOfCore(core: string, events: readonly NodeEvent[]): NodeEvent[] {
  return events.filter((event) => {
    if (event.kind === 'core-changed') return event.old_core_uuid === core || event.core_uuid === core;
    return event.core_uuid === core || event.core_uuid === null;
  });
}
