import type { FleetRecords } from '../../../libs/calls/fold-fleet.ts';
import type { NodeEvent } from '../../../libs/records/node-event.ts';
import { cdrsOf, eventsOf, type ScriptedLeg } from './scripted-leg.ts';
import { legsOf, type Stage } from './scripts.ts';
import type { CrashSpec, FleetSpec } from './spec.ts';

const SECOND = 1_000_000;

/** Everything that a generated fleet says. What a crashed server had not said by then, it never says. */
export function recordsOf(spec: FleetSpec, { baseUs, tag }: Pick<Stage, 'baseUs' | 'tag'>): FleetRecords {
  const nodes = Array.from({ length: spec.nodes }, (_, at) => ({
    node: `${tag}-fs${at}`,
    core: `${tag}-core${at}`,
  }));
  const stage = { baseUs, tag, nodes };
  const legs = spec.calls.flatMap((call) => legsOf(call, stage));
  const crashes = crashesOf(spec, stage);
  return {
    events: legs.flatMap(eventsOf).filter(({ node, at_us }) => at_us <= (crashes.get(node)?.atUs ?? at_us)),
    cdrs: legs.filter((leg) => isPosted(leg, crashes.get(leg.node))).flatMap(cdrsOf),
    nodeEvents: [...crashes.values()].flatMap(nodeEventsOf),
  };
}

interface Crash extends Omit<CrashSpec, 'node' | 'atMs'> {
  node: string;
  core: string;
  atUs: number;
}

/** One a server at most. */
function crashesOf({ crashes }: FleetSpec, { nodes, baseUs }: Stage): Map<string, Crash> {
  const found = new Map<string, Crash>();
  for (const { node, atMs, how } of crashes) {
    const place = nodes[node % nodes.length];
    if (place !== undefined) found.set(place.node, { ...place, how, atUs: baseUs + atMs * 1_000 });
  }
  return found;
}

function isPosted({ endUs }: ScriptedLeg, crash: Crash | undefined): boolean {
  return crash === undefined || endUs < crash.atUs;
}

function nodeEventsOf({ node, core, how, atUs }: Crash): NodeEvent[] {
  const said = (at_us: number) => ({ v: 1, node, at_us, received_us: at_us }) as const;
  const state = (name: 'live' | 'down', at_us: number): NodeEvent => ({
    ...said(at_us),
    kind: 'state',
    state: name,
    reason: '',
    core_uuid: core,
    clock_offset_us: 0,
  });
  const lost = [state('live', atUs - 600 * SECOND), state('down', atUs)];
  if (how === 'lost') return lost;
  const laterUs = atUs + 20 * SECOND;
  if (how === 'replaced') {
    const replaced: NodeEvent = {
      ...said(laterUs),
      kind: 'core-changed',
      old_core_uuid: core,
      core_uuid: `${core}-next`,
    };
    return [...lost, replaced];
  }
  return [...lost, state('live', laterUs), { ...said(laterUs), kind: 'resync', core_uuid: core, uuids: [] }];
}
