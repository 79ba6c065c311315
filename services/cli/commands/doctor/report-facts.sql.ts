import type { Queryable } from '../../../../libs/store/queryable.ts';

/** What is known of those who read reports. */
export interface ReportFacts {
  /** role switchfleet_report: it reads every view, lacks a right, or is not there */
  reportRole: 'reads' | 'blind' | 'missing';
  /** whether an index of a text column finds what begins with some letters */
  findsPrefixes: boolean;
}

/**
 * Asks for rights that a migration could not give, and for the database's collation: by any other one than C (of every provider, or
 * C.UTF-8 of PostgreSQL's own) a plain index cannot answer `like '44%'`.
 */
export async function readReportFacts(database: Queryable): Promise<ReportFacts> {
  const { rows } = await database.query<ReportFacts>(
    `select case when r.oid is null then 'missing'
         when has_schema_privilege(r.oid, n.oid, 'USAGE') and not exists (
           select from pg_class c where c.relnamespace = n.oid and c.relkind = 'v' and not has_table_privilege(r.oid, c.oid, 'SELECT'))
         then 'reads' else 'blind' end as "reportRole",
       d.datlocprovider = 'b' or (d.datlocprovider = 'c' and d.datcollate in ('C', 'POSIX')) as "findsPrefixes"
     from pg_database d
     join pg_namespace n on n.nspname = 'report'
     left join pg_roles r on r.rolname = 'switchfleet_report'
     where d.datname = current_database()`,
  );
  return rows[0] ?? { reportRole: 'reads', findsPrefixes: true };
}
