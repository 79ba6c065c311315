import type { DestType } from '../snapshot/tables/did-routing.ts';

/** Where a DID leads. */
export interface RouteAnswer {
  result: 'route';
  did: string;
  domain: string;
  tenant: string;
  dest_type: DestType;
  destination: string;
  priority: number;
}

/** A definite no: `code` and `reason` are what the caller's SIP answer says. */
export interface RejectAnswer {
  result: 'reject';
  code: number;
  reason: string;
}

export type DidAnswer = RouteAnswer | RejectAnswer;

/** The answer that is the same for a number nobody has and a number of somebody else. */
export const NO_SUCH_NUMBER: RejectAnswer = { result: 'reject', code: 404, reason: 'Not Found' };
