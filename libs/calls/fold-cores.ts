import type { NodeEvent } from '../records/node-event.ts';
import { type CoreFate, foldCore } from './core-fate.ts';

/** What became of every core that collectors spoke of. */
export function foldCores(events: readonly NodeEvent[]): CoreFate[] {
  return [...Map.groupBy(events, ({ node }) => node)].flatMap(([node, said]) =>
    coresOf(said).map((core_uuid) => foldCore({ node, core_uuid }, eventsOfCore(core_uuid, said))),
  );
}

function coresOf(events: readonly NodeEvent[]): string[] {
  const named = events.flatMap((event) =>
    event.kind === 'core-changed' ? [event.old_core_uuid, event.core_uuid] : (event.core_uuid ?? []),
  );
  return [...new Set(named)];
}

/** What was said of this core, and of its node as a whole. */
function eventsOfCore(core: string, events: readonly NodeEvent[]): NodeEvent[] {
  return events.filter((event) => {
    if (event.kind === 'core-changed') return event.old_core_uuid === core || event.core_uuid === core;
    return event.core_uuid === core || event.core_uuid === null;
  });
}
