import type { ClientBase, Pool } from 'pg';
import { CodedError } from '../errors/coded-error.ts';
import type { NumberingPlan } from '../numbering/e164.ts';
import { insertDomain, readNumberingPlan } from './domains.sql.ts';
import { checkDomain, checkName } from './value.ts';
import { withViolations } from './violation.ts';

/** The tenant of domains that nobody assigned to one. */
export const DEFAULT_TENANT = 'default';

/** Adds a domain when it isn't there; one that is there stays as it is. @throws CodedError `value-refused`, `not-found` */
export async function ensureDomain(
  client: ClientBase | Pool,
  { name, tenant = DEFAULT_TENANT }: { name: string; tenant?: string | undefined },
): Promise<string> {
  const domain = checkDomain(name);
  const missing = `there is no tenant ${checkName('tenant', tenant)}`;
  await withViolations({ exists: '', missing }, () => insertDomain(client, { domain, tenant }));
  return domain;
}

/** How numbers of a domain are dialled. @throws CodedError `value-refused`, `not-found` */
export async function numberingPlanOf(pool: ClientBase | Pool, name: string): Promise<NumberingPlan> {
  const domain = checkDomain(name);
  const plan = await readNumberingPlan(pool, domain);
  if (plan === undefined) throw new CodedError('not-found', `there is no domain ${domain}`);
  return plan;
}

/** The name of a domain that is there, as it is stored. @throws CodedError `value-refused`, `not-found` */
export async function requireDomain(pool: ClientBase | Pool, name: string): Promise<string> {
  await numberingPlanOf(pool, name);
  return checkDomain(name);
}
