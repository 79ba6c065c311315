import type { Surroundings } from '../surroundings.ts';
import type { IncomingCall } from './incoming-call.ts';
import type { Action } from './templates.ts';

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{7,127}$/;

/**
 * Lets the legs of a call be joined over servers: the correlation header goes out with every leg. What came in counts
 * only from a node or proxy of ours; anybody else's is replaced, under every spelling it came in, because FreeSWITCH
 * copies X- headers to outbound legs by itself. What else our servers tell each other by is taken from it, too, and from a
 * call that leaves for its carrier here.
 */
export function correlationActions(call: IncomingCall, { newId, correlationHeader }: Surroundings): Action[] {
  const variable = `sip_h_${correlationHeader}`;
  const given = call.isIdOurs ? call.correlation.find(({ value }) => ID.test(value))?.value : undefined;
  return [
    ...(goesToOurs(call) ? [] : call.marks.map((mark): Action => ['unset', mark])),
    ...call.correlation
      .filter(({ variable: spelling }) => spelling !== variable)
      .map(({ variable: spelling }): Action => ['unset', spelling]),
    ['export', `${variable}=${given ?? newId()}`],
  ];
}

function goesToOurs({ isFromOurs, gateway }: IncomingCall): boolean {
  return isFromOurs && gateway === undefined;
}
