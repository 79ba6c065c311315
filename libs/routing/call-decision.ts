import type { DestType } from '../snapshot/tables/did-routing.ts';
import type { LeftOut, NodeChoice, TrunkChoice } from './answer.ts';
import type { Source } from './entities.ts';

/** A SIP request that asks for a way, as Kamailio saw it. */
export interface CallQuestion {
  /** user of the request URI, or the whole URI */
  to: string;
  /** user of From, or the whole URI; a caller writes what it likes there */
  from: string;
  /** host of the request URI */
  domain: string | undefined;
  /** `address:port` that the request came from */
  src: string | undefined;
  callId: string | undefined;
  /** trunks and nodes that refused this call already */
  attempted: ReadonlySet<string>;
  /** phones' calls to the outside pass a node first, which makes their CDRs */
  nodeFirst: boolean;
}

/** Where one try goes. */
export type Leg =
  | { kind: 'node'; choice: NodeChoice; user: string; host: string; destType: DestType | undefined }
  | {
      kind: 'trunk';
      choice: TrunkChoice;
      /** the calling domain, for the From of a rewritten caller */
      host: string;
      /** the carrier's own headers */
      headers: Readonly<Record<string, string>>;
    };

interface Common {
  /** what was decided about: inbound DID, a user of ours, a number outside, or something only a node's dialplan knows */
  kind: 'inbound' | 'local' | 'outbound' | 'feature';
  domain: string | undefined;
  tenant: string | undefined;
  /** who sent the request; undefined: none of ours and no carrier */
  source: Source | undefined;
  leftOut: LeftOut[];
  /** no node had a fresh heartbeat: the last known load decided */
  degraded: boolean;
}

export interface CallRoute extends Common {
  result: 'route';
  did: string | undefined;
  pin: string | undefined;
  /** to be tried one after the other */
  legs: Leg[];
}

export interface CallReject extends Common {
  result: 'reject';
  code: number;
  reason: string;
}

export type CallDecision = CallRoute | CallReject;
