import type pg from 'pg';

/** What the store has of some legs. */
export interface LegBooks {
  /** legs without a CDR's row, without a folded CDR, or without a call */
  missing: number;
  /** rows beyond the first of a leg, and legs that are of two calls; of all legs */
  doubled: number;
}

/** Compares the whole store with the legs whose CDRs were taken. */
export async function readLegBooks(
  client: pg.Pool | pg.Client,
  legs: ReadonlySet<string>,
): Promise<LegBooks> {
  const { rows } = await client.query<LegBooks>(
    `select (select count(*)::integer from unnest($1::text[]) as wanted (uuid)
         where not exists (select from cdr where cdr.uuid = wanted.uuid)
           or not exists (select from legs where legs.uuid = wanted.uuid and call_id is not null
             and json_typeof(evidence -> 'cdr') = 'object')) as missing,
       ((select count(*) - count(distinct uuid) from cdr) + (select count(*) - count(distinct uuid) from legs)
         + (select count(*) - count(distinct leg) from calls, unnest(legs) as leg where merged_into is null))::integer
         as doubled`,
    [[...legs]],
  );
  if (rows[0] === undefined) throw new Error('PostgreSQL counts nothing');
  return rows[0];
}
