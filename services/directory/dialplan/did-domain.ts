import { toE164 } from '../../../libs/numbering/e164.ts';
import type { DomainRow } from '../../../libs/snapshot/tables/domains.ts';
import type { Surroundings } from '../surroundings.ts';
import { firstOpen } from './destination.ts';

/**
 * Of the domains that share a context, the one of the tenant that has a DID: a carrier that is registered with, or sends to, the
 * node itself names none of them. It may write the DID as in any of their countries. Undefined: nobody has it, or several
 * tenants may be meant.
 */
export function domainOfDid(
  number: string,
  domains: readonly DomainRow[],
  surroundings: Surroundings,
): DomainRow | undefined {
  const found = writtenAs(number, domains).flatMap((e164) => ownerOf(e164, domains, surroundings) ?? []);
  const [first, ...others] = found;
  return others.every(({ tenant }) => tenant === first?.tenant) ? first : undefined;
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

function ownerOf(e164: string, domains: readonly DomainRow[], surroundings: Surroundings) {
  const target = firstOpen(e164, surroundings);
  const owner = target && surroundings.model.domains.get(target.domain);
  if (!owner?.enabled) return undefined;
  return domains.includes(owner)
    ? owner
    : domains.find(({ enabled, tenant }) => enabled && tenant === owner.tenant);
}
