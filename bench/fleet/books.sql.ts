import type pg from 'pg';
import { percentile } from '../figure.ts';

/** What the store holds when all is over. */
export interface Books {
  calls: number;
  registrations: number;
  /** rows beyond the first of one leg, and legs that are of two calls */
  doubled: number;
}

/** How many of these legs have no CDR's row, no end by their CDR, or no call. */
export async function readLost(client: pg.Client, legs: readonly string[]): Promise<number> {
  const { rows } = await client.query<{ lost: number }>(
    `select count(*)::integer as lost from unnest($1::text[]) as wanted (uuid)
     where not exists (select from cdr where cdr.uuid = wanted.uuid)
        or not exists (select from legs where legs.uuid = wanted.uuid and json_typeof(evidence -> 'cdr') = 'object'
             and state = 'ended' and call_id is not null)`,
    [legs],
  );
  return rows[0]?.lost ?? legs.length;
}

export async function readBooks(client: pg.Client): Promise<Books> {
  const { rows } = await client.query<Books>(
    `select (select count(*) from calls where merged_into is null)::integer as calls,
       (select count(*) from registrations where not is_ended)::integer as registrations,
       ((select count(*) - count(distinct uuid) from cdr) + (select count(*) - count(distinct uuid) from legs)
         + (select count(*) - count(distinct leg) from calls, unnest(legs) as leg where merged_into is null))::integer
         as doubled`,
  );
  if (rows[0] === undefined) throw new Error('PostgreSQL counts nothing');
  return rows[0];
}

/**
 * Seconds that 99 of 100 took less than: from a CDR's acceptance until its row was committed, and from a leg's first event
 * (`said`, in ms) until it was. PostgreSQL notes when each transaction was committed, so looking costs the run nothing.
 */
export async function readLag(
  client: pg.Client,
  said: ReadonlyMap<string, number>,
): Promise<{ cdr: number; event: number }> {
  const cdrs = await client.query<{ late: number }>(
    `select extract(epoch from pg_xact_commit_timestamp(xmin) - received_at)::float8 as late from cdr`,
  );
  const events = await client.query<{ uuid: string; at_ms: number }>(
    `select uuid, (extract(epoch from min(pg_xact_commit_timestamp(xmin))) * 1000)::float8 as at_ms
     from leg_events group by uuid`,
  );
  const late = events.rows.flatMap(({ uuid, at_ms }) => {
    const saidMs = said.get(uuid);
    return saidMs === undefined ? [] : [(at_ms - saidMs) / 1000];
  });
  return {
    cdr: percentile(
      cdrs.rows.map((row) => row.late),
      0.99,
    ),
    event: percentile(late, 0.99),
  };
}

/** Bytes of each table, its indexes included, by the calls that it holds. */
export async function bytesACall(
  client: pg.Client,
  calls: number,
): Promise<{ table: string; bytes: number }[]> {
  await client.query('vacuum');
  const { rows } = await client.query<{ table: string; bytes: number }>(
    `select parent.relname as table, sum(pg_total_relation_size(inhrelid))::float8 as bytes
     from pg_inherits join pg_class parent on parent.oid = inhparent
     where parent.relkind = 'p' group by 1 having sum(pg_total_relation_size(inhrelid)) > 1048576 order by 2 desc`,
  );
  return rows.map(({ table, bytes }) => ({ table, bytes: bytes / calls }));
}
