import type { Leg } from './leg.ts';

/** What the configuration says about numbers and hosts: whose they are. */
export interface CallContext {
  /** the tenant of a domain of ours; undefined when it is not ours */
  tenantOf: (domain: string) => string | undefined;
  /** the DID that a dialled number is, and the domain it leads to */
  didOf: (number: string) => { did: string; domain: string } | undefined;
}

/** Nothing configured: every call is the administrator's. */
export const NO_CONTEXT: CallContext = { tenantOf: () => undefined, didOf: () => undefined };

type Located = Pick<Leg, 'domain_name' | 'to_host' | 'req_host' | 'destination_number'>;

/** A leg's domain: what FreeSWITCH says, else the host it was sent to when that is ours, else its DID's. */
export function domainOfLeg(leg: Located, context: CallContext): string | null {
  if (leg.domain_name !== null) return leg.domain_name.toLowerCase();
  for (const host of [leg.to_host, leg.req_host]) {
    if (host !== null && context.tenantOf(host.toLowerCase()) !== undefined) return host.toLowerCase();
  }
  const did = leg.destination_number === null ? undefined : context.didOf(leg.destination_number);
  return did?.domain ?? null;
}

/** The tenant whose leg it is; null when it is nobody's. */
export function tenantOfLeg(leg: Located, context: CallContext): string | null {
  const domain = domainOfLeg(leg, context);
  return domain === null ? null : (context.tenantOf(domain) ?? null);
}
