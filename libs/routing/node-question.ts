import type { DestType } from '../snapshot/tables/did-routing.ts';

/** A call that needs a node. */
export interface NodeQuestion {
  /** a dispatch set; else the kind of destination, the domain, or the default decide */
  set?: number | undefined;
  destType?: DestType | undefined;
  domain: string | undefined;
  callId: string | undefined;
  /** the caller's address: its region is preferred */
  src: string | undefined;
  /** what keeps callers together, such as `conference:3000@a.example` */
  pin?: string | undefined;
  /** nodes that are asked first, the latest first, because the called user is registered there */
  preferred?: readonly string[] | undefined;
  /** a call for help: full nodes are asked, too, after those that have room */
  isEmergency?: boolean | undefined;
  /** nodes that refused this call already */
  attempted: ReadonlySet<string>;
}
