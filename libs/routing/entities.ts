import type { NumberingPlan } from '../numbering/e164.ts';
import type { DestType } from '../snapshot/tables/did-routing.ts';
import type { Schedule } from './schedule.ts';

/** A SIP domain of ours, as far as routing goes. */
export interface RoutingDomain {
  name: string;
  tenant: string;
  enabled: boolean;
  plan: NumberingPlan;
  /** the node that its calls are assigned to */
  node: string | undefined;
  dispatchSet: number | undefined;
}

/** One priority of a DID; `next` is the one to try when this one does not count just now. */
export interface DidTarget {
  readonly domain: string;
  readonly destType: DestType;
  readonly destination: string;
  readonly priority: number;
  readonly active: boolean;
  readonly schedule: Schedule | undefined;
  /** number that is called when the destination cannot be reached */
  readonly failForward: string | undefined;
  readonly next: DidTarget | undefined;
}

/** One way to the numbers of a prefix. */
export interface TrunkRoute {
  readonly id: string;
  readonly prefix: string;
  /** undefined: any domain */
  readonly domain: string | undefined;
  readonly callerPrefix: string;
  readonly trunk: string;
  readonly priority: number;
  readonly weight: number;
  readonly strip: number;
  readonly prepend: string;
  readonly callerIdRewrite: string | undefined;
  readonly costPerMinute: number | undefined;
  readonly schedule: Schedule | undefined;
  readonly active: boolean;
}

/** A node in a dispatch set. */
export interface Member {
  readonly node: string;
  readonly priority: number;
  readonly weight: number;
}

/** Who sent a request, by its address. */
export interface Source {
  readonly kind: 'node' | 'proxy' | 'trunk';
  /** '': one of several trunks at this address, nobody can say which */
  readonly name: string;
}
