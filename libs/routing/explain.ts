import type { CallDecision, CallQuestion } from './call-decision.ts';
import { decideCall } from './decide-call.ts';
import type { RoutingState } from './routing-state.ts';
import { createTrace, type Step } from './trace.ts';

/** A decision with everything that was considered, and why it lost. */
export interface Explanation {
  decision: CallDecision;
  steps: readonly Step[];
  load: LoadAge;
}

/** How old the load is that the decision was made on. */
export interface LoadAge {
  /** age of the youngest heartbeat of the fleet, milliseconds; null: none was heard */
  youngest_ms: number | null;
  /** by node, the age of its last heartbeat in milliseconds; null: none was heard */
  nodes: Record<string, number | null>;
}

/** Decides about a call as `decideCall` does, and writes down why. */
export function explainCall(state: RoutingState, question: CallQuestion): Explanation {
  const trace = createTrace();
  const decision = decideCall(state, question, trace);
  return { decision, steps: trace.steps, load: loadAge(state) };
}

/** The ages of all nodes' heartbeats. */
export function loadAge({ model, load, nowUs }: RoutingState): LoadAge {
  const nodes: Record<string, number | null> = {};
  for (const name of model.fleet.nodeNames()) {
    const at = load.node(name)?.heartbeat_us;
    nodes[name] = at === null || at === undefined ? null : Math.max(0, Math.round((nowUs - at) / 1000));
  }
  const ages = Object.values(nodes).filter((age) => age !== null);
  return { youngest_ms: ages.length === 0 ? null : Math.min(...ages), nodes };
}
