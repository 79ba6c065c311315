import type { NumberingPlan } from '../../libs/numbering/e164.ts';
import type { Pool } from '../../libs/postgres/database.ts';

/** How numbers are dialled in each domain that has a country. */
export async function readNumberingPlans(pool: Pool): Promise<Map<string, NumberingPlan>> {
  const { rows } = await pool.query<{
    name: string;
    country: string;
    area_code: string | null;
    international_prefix: string;
  }>('select name, country, area_code, international_prefix from domains where country is not null');
  return new Map(
    rows.map(({ name, country, area_code, international_prefix }) => [
      name,
      { country, areaCode: area_code ?? undefined, internationalPrefix: international_prefix },
    ]),
  );
}
