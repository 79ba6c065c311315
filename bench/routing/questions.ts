import { type FleetSize, someDids, someOutside } from './fleet.ts';

const HOW_MANY = 5_000;
const SRC = '203.0.113.1:5060';

/** The paths that are asked for, half of the decisions inbound, half outbound; no two calls are the same. */
export interface Questions {
  did: string[];
  decision: string[];
}

export function questionsFor(size: FleetSize): Questions {
  const dids = someDids(size, HOW_MANY);
  const outside = someOutside(size, HOW_MANY);
  const inbound = dids.map((to, index) =>
    decision({ to, from: '+4940123@203.0.113.1', domain: '192.0.2.1', index }),
  );
  const outbound = outside.map(({ number, domain }, index) =>
    decision({ to: number, from: `1001@${domain}`, domain, index: index + HOW_MANY }),
  );
  return {
    did: dids.map((number) => `/routing/did/${number}`),
    decision: inbound.flatMap((path, index) => [path, outbound[index] ?? path]),
  };
}

/** As kamailio.cfg writes it. */
function decision({
  to,
  from,
  domain,
  index,
}: {
  to: string;
  from: string;
  domain: string;
  index: number;
}): string {
  const parameters = {
    to,
    from: `sip:${from}`,
    domain,
    src: SRC,
    call_id: `${index}-4711@203.0.113.1`,
    correlation_id: '0b6a6a2e-1111-4111-8111-111111111111',
    via: '',
  };
  const pairs = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `/kamailio/route?${pairs.join('&')}`;
}
