import type { Queryable } from './queryable.ts';
import { tellable } from './time.sql.ts';

/** What could not be stored as a CDR, by its reason. */
export interface RejectCount {
  reason: string;
  /** kept */
  total: number;
  /** of them, not replayed yet */
  open: number;
  last_received_at: string;
}

/** All rejects by reason, the most first. */
export async function countRejects(database: Queryable): Promise<RejectCount[]> {
  const { rows } = await database.query<RejectCount>(
    `select reason, count(*)::integer as total, count(*) filter (where replayed_at is null)::integer as open,
       to_json(${tellable('max(last_received_at)')} at time zone 'UTC') #>> '{}' || 'Z' as last_received_at
     from cdr_rejects group by reason order by 2 desc, 1 limit 100`,
  );
  return rows;
}

/** How a partitioned table is kept. */
export interface PartitionedTableState {
  table: string;
  partitions: number;
  /** the first and the last name, which tell the time that they hold; null: only a default partition */
  oldest: string | null;
  newest: string | null;
  bytes: number;
  /** rows, as the last ANALYZE or VACUUM counted them */
  rows: number;
  /** of them in the default partition: strays */
  stray_rows: number;
}

/** Partitions of these tables. */
export async function readPartitionedTables(
  database: Queryable,
  tables: readonly string[],
): Promise<PartitionedTableState[]> {
  const { rows } = await database.query<PartitionedTableState>(
    `select t.name as table, count(c.oid) filter (where not p.is_default)::integer as partitions,
       min(c.relname) filter (where not p.is_default) as oldest, max(c.relname) filter (where not p.is_default) as newest,
       coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8 as bytes, coalesce(sum(greatest(c.reltuples, 0)), 0)::float8 as rows,
       coalesce(sum(greatest(c.reltuples, 0)) filter (where p.is_default), 0)::float8 as stray_rows
     from unnest($1::text[]) with ordinality as t (name, place)
     join pg_inherits i on i.inhparent = to_regclass(quote_ident(t.name))
     join pg_class c on c.oid = i.inhrelid
     cross join lateral (select pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT' as is_default) as p
     group by t.name, t.place order by t.place`,
    [tables],
  );
  return rows;
}
