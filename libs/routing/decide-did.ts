import { type NumberingPlan, toE164 } from '../numbering/e164.ts';
import type { DomainRow } from '../snapshot/tables/domains.ts';
import { type DidAnswer, NO_SUCH_NUMBER } from './answer.ts';
import type { RoutingModel } from './routing-model.ts';

/** A number as it stood in the request, and the domain that was asked about. */
export interface DidQuestion {
  number: string;
  /** a host that is none of our domains (the proxy's own address) says nothing */
  domain: string | undefined;
}

/**
 * Where an inbound number leads. Asked within a domain of ours, only that domain's numbers are found (I6): another
 * tenant's number is as unknown as one that nobody has.
 */
export function decideDid(model: RoutingModel, { number, domain }: DidQuestion): DidAnswer {
  const asked = domain === undefined ? undefined : model.domain(domain);
  const did = toE164(number, asked === undefined ? {} : planOf(asked));
  const row = did === undefined ? undefined : model.did(did).find((candidate) => candidate.active);
  if (row === undefined || (asked !== undefined && row.domain !== asked.key)) return NO_SUCH_NUMBER;
  const owner = model.domain(row.domain);
  if (owner === undefined || !owner.enabled) return NO_SUCH_NUMBER;
  return {
    result: 'route',
    did: row.key,
    domain: row.domain,
    tenant: owner.tenant,
    dest_type: row.dest_type,
    destination: row.destination,
    priority: row.priority,
  };
}

/** How the numbers of a domain are dialled. */
export function planOf(
  domain: Pick<DomainRow, 'country' | 'area_code' | 'international_prefix'>,
): NumberingPlan {
  return {
    country: domain.country ?? undefined,
    areaCode: domain.area_code ?? undefined,
    internationalPrefix: domain.international_prefix,
  };
}
