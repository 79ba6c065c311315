import type { NodeLoad } from '../../records/node-load.ts';

/**
 * `fresh`: its heartbeat is young enough. `old`: it isn't, but nobody's is, so the bus or the collectors are silent.
 * `stale`: it isn't, while others were heard after it.
 */
export type Freshness = 'fresh' | 'old' | 'stale';

/** What routing knows of the load when it decides. Times in microseconds since 1970. */
export interface LoadView {
  /** The last record of a node; undefined: none was heard. */
  node(name: string): NodeLoad | undefined;
  freshness(name: string, nowUs: number): Freshness;
  /** Our own assignments to a node that its load cannot show yet. */
  pendingOnNode(name: string, nowUs: number): number;
  /** Our own assignments to a node in the last second. */
  nodeRate(name: string, nowUs: number): number;
  /** Live channels of a trunk over all nodes that are not stale, and our own assignments since. */
  trunkChannels(name: string, nowUs: number): number;
  trunkRate(name: string, nowUs: number): number;
  /** The node that a call was given to before. */
  nodeOfCall(callId: string): string | undefined;
  /** The node where a room, queue or lot is in use: where most of its channels are, else where we sent the last caller. */
  nodeOfPin(pin: string, nowUs: number): string | undefined;
}
