import { toE164 } from '../../../libs/numbering/e164.ts';
import type { DomainRow } from '../../../libs/snapshot/tables/domains.ts';
import type { Surroundings } from '../surroundings.ts';
import { firstOpen } from './destination.ts';
import type { IncomingCall } from './incoming-call.ts';

/** Whose a number is that a call which names no domain came for, and the number as it was read. */
export interface OwnedDid {
  e164: string;
  domain: DomainRow;
}

/**
 * Of the domains that share a context, the one of the tenant that has a DID: a carrier that is registered with, or sends to, the
 * node itself names none of them. It may write the DID as in any of their countries. A tenant's own trunk reaches that tenant's
 * numbers only, as routing has it (I6). Undefined: nobody has it, or several tenants may be meant.
 */
export function findOwnedDid(
  call: IncomingCall,
  domains: readonly DomainRow[],
  surroundings: Surroundings,
): OwnedDid | undefined {
  const tenant = tenantOfTrunk(call, surroundings);
  const found = writtenAs(call.number, domains)
    .flatMap((e164) => ownerOf(e164, domains, surroundings) ?? [])
    .filter(({ domain }) => (tenant ?? domain.tenant) === domain.tenant);
  const [first, ...others] = found;
  return others.every(({ domain }) => domain.tenant === first?.domain.tenant) ? first : undefined;
}

/** Whose the trunk is that a call came by; undefined: everybody's, or none is named. */
function tenantOfTrunk({ node, cameBy }: IncomingCall, { model }: Surroundings): string | undefined {
  if (cameBy === undefined) return undefined;
  return model.fleet.gatewaysOf(node).find(({ key }) => key === cameBy)?.tenant ?? undefined;
}

/** By country and not by domain: thousands may share a context, and scanners call there, too. */
function writtenAs(number: string, domains: readonly DomainRow[]): string[] {
  const countries = new Map(
    domains.map(({ country, international_prefix: prefix }) => [`${country} ${prefix}`, { country, prefix }]),
  );
  const numbers = Array.from(countries.values(), ({ country, prefix }) =>
    toE164(number, { country: country ?? undefined, internationalPrefix: prefix }),
  );
  return [...new Set(numbers.filter((e164) => e164 !== undefined))];
}

function ownerOf(
  e164: string,
  domains: readonly DomainRow[],
  surroundings: Surroundings,
): OwnedDid | undefined {
  const target = firstOpen(e164, surroundings);
  const owner = target && surroundings.model.domains.get(target.domain);
  if (!owner?.enabled) return undefined;
  const domain = domains.includes(owner)
    ? owner
    : domains.find(({ enabled, tenant }) => enabled && tenant === owner.tenant);
  return domain && { e164, domain };
}
