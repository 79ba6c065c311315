import type { FleetNode, NodeLoad } from '../api/shapes.ts';

/** A call that is up. */
export interface LiveCall {
  call_id: string;
  start_us: number;
  answer_us: number | null;
  tenant: string | null;
  domain: string | null;
  caller: string | null;
  callee: string | null;
  nodes: string[];
}

/** What the stream last said of a node. */
export interface LiveNode {
  state: FleetNode['state'];
  reason: string | null;
  load: NodeLoad | null;
}

/** One event of the stream, as its name says. */
export type LiveEvent =
  | {
      name: 'snapshot';
      data: { calls: LiveCall[]; calls_complete: boolean; nodes: (LiveNode & { node: string })[] };
    }
  | {
      name: 'call-started' | 'call-answered' | 'call-ended';
      data: Omit<LiveCall, 'start_us' | 'answer_us'> & { at_us: number };
    }
  | { name: 'node-state'; data: { node: string; state: FleetNode['state']; reason: string } }
  | { name: 'node-load'; data: NodeLoad & { node: string } };

/** More than this are not shown: what a browser is given is bounded by what the api gives, and what comes after by this. */
const MOST_CALLS = 20_000;
const UNKNOWN: LiveNode = { state: null, reason: null, load: null };

/** The fleet as the stream tells it: each event changes it, a snapshot replaces it. */
export class LiveBoard {
  readonly calls = new Map<string, LiveCall>();
  readonly nodes = new Map<string, LiveNode>();
  /** false: no snapshot came yet, so that there are no calls means nothing */
  isKnown = false;
  /** false: there are more calls than the snapshot had */
  isComplete = true;

  apply({ name, data }: LiveEvent): void {
    switch (name) {
      case 'snapshot':
        this.#replace(data);
        return;
      case 'node-state':
        this.nodes.set(data.node, {
          ...(this.nodes.get(data.node) ?? UNKNOWN),
          state: data.state,
          reason: data.reason,
        });
        return;
      case 'node-load':
        this.nodes.set(data.node, { ...(this.nodes.get(data.node) ?? UNKNOWN), load: data });
        return;
      case 'call-ended':
        this.calls.delete(data.call_id);
        return;
      default:
        this.#note(data, name === 'call-answered');
    }
  }

  #replace({ calls, calls_complete, nodes }: Extract<LiveEvent, { name: 'snapshot' }>['data']): void {
    this.calls.clear();
    this.nodes.clear();
    this.isKnown = true;
    this.isComplete = calls_complete;
    for (const call of calls) this.calls.set(call.call_id, call);
    for (const { node, ...now } of nodes) this.nodes.set(node, now);
  }

  #note(
    { at_us, ...said }: Omit<LiveCall, 'start_us' | 'answer_us'> & { at_us: number },
    isAnswer: boolean,
  ): void {
    const known = this.calls.get(said.call_id);
    if (known === undefined && this.calls.size >= MOST_CALLS) {
      this.isComplete = false;
      return;
    }
    const start_us = known?.start_us ?? at_us;
    this.calls.set(said.call_id, {
      ...said,
      start_us,
      answer_us: isAnswer ? at_us : (known?.answer_us ?? null),
    });
  }
}

/** Calls in which a text occurs (number, domain, tenant, node), the newest first. */
export function findLive(calls: Iterable<LiveCall>, text: string): LiveCall[] {
  const wanted = text.trim().toLowerCase();
  const found = [...calls].filter(
    ({ caller, callee, domain, tenant, nodes }) =>
      wanted === '' ||
      [caller, callee, domain, tenant, ...nodes].some((field) => field?.toLowerCase().includes(wanted)),
  );
  return found.sort((a, b) => b.start_us - a.start_us);
}
