import type { ClientBase, Pool } from 'pg';
import type { NumberingPlan } from '../numbering/e164.ts';

/** Adds a domain unless it is there. */
export async function insertDomain(
  client: ClientBase | Pool,
  { domain, tenant }: { domain: string; tenant: string },
): Promise<void> {
  await client.query('insert into domains (name, tenant) values ($1, $2) on conflict (name) do nothing', [
    domain,
    tenant,
  ]);
}

/** Undefined when there is no such domain. */
export async function readNumberingPlan(
  client: ClientBase | Pool,
  domain: string,
): Promise<NumberingPlan | undefined> {
  const { rows } = await client.query<{ country: string | null; area_code: string | null; prefix: string }>(
    'select country, area_code, international_prefix as prefix from domains where name = $1',
    [domain],
  );
  return rows.map(({ country, area_code, prefix }) => ({
    country: country ?? undefined,
    areaCode: area_code ?? undefined,
    internationalPrefix: prefix,
  }))[0];
}

/** The plans of those of these domains that are there, by name. */
export async function readNumberingPlans(
  client: ClientBase | Pool,
  domains: readonly string[],
): Promise<Map<string, NumberingPlan>> {
  const { rows } = await client.query<{
    name: string;
    country: string | null;
    area_code: string | null;
    prefix: string;
  }>(
    `select name::text, country, area_code, international_prefix as prefix from domains where name::text = any($1)`,
    [domains],
  );
  return new Map(
    rows.map(({ name, country, area_code, prefix }) => [
      name,
      { country: country ?? undefined, areaCode: area_code ?? undefined, internationalPrefix: prefix },
    ]),
  );
}

/** Those of these domains that are a tenant's. */
export async function readDomainsOf(
  client: ClientBase,
  tenant: string,
  names: readonly string[],
): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string }>(
    'select name::text from domains where tenant = $1 and name::text = any($2)',
    [tenant, names],
  );
  return new Set(rows.map(({ name }) => name));
}
