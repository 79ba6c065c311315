import type { NodeLoad } from '../../records/node-load.ts';

/**
 * `fresh`: its heartbeat is young enough. `old`: it isn't, but nobody's is, so the bus or the collectors are silent.
 * `stale`: it isn't, while others were heard after it.
 */
export type Freshness = 'fresh' | 'old' | 'stale';

/** What is known of a node at one moment. */
export interface NodeFigures {
  /** its last record; undefined: none was heard */
  heard: NodeLoad | undefined;
  freshness: Freshness;
  /** our own assignments that its load cannot show yet */
  pending: number;
  /** our own assignments in the last second */
  rate: number;
}

/** What routing knows of the load when it decides. Times in microseconds since 1970. */
export interface LoadView {
  /** The last record of a node; undefined: none was heard. */
  node(name: string): NodeLoad | undefined;
  figures(name: string, nowUs: number): NodeFigures;
  /** Live channels of a trunk over all nodes that are not stale, and our own assignments since. */
  trunkChannels(name: string, nowUs: number): number;
  trunkRate(name: string, nowUs: number): number;
  /** The node that a call was given to before. */
  nodeOfCall(callId: string): string | undefined;
  /** The node where a room, queue or lot is in use: where most of its channels are, else where we sent the last caller. */
  nodeOfPin(pin: string, nowUs: number): string | undefined;
}
