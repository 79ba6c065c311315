import type { Pool } from 'pg';

/** Rows of every table, by its name. */
export async function tableCounts(pool: Pool): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ name: string; rows: string }>(
    `select oid::regclass::text as name, (xpath('/row/n/text()', query_to_xml('select count(*) as n from ' || oid::regclass, false, true, '')))[1]::text as rows
     from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace order by 1`,
  );
  return Object.fromEntries(rows.map(({ name, rows: found }) => [name, Number(found)]));
}
