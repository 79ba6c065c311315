import { DOCUMENT, type RawDocument, type StoredDocument, toStoredDocument } from './document-columns.ts';
import type { Queryable } from './queryable.ts';
import { TOLERANCE } from './same-leg.sql.ts';
import { toMicroseconds } from './time.sql.ts';

/** A document, with the leg that it is of: one uuid may be that of several legs, each with a start of its own. */
export interface LegDocument extends StoredDocument {
  /** of the leg's row, else of the document: another system's is up to two seconds off */
  leg_start_us: number;
  /** the leg's row was made of it */
  is_row: boolean;
}

type Raw = RawDocument & { leg_start_us: string; is_row: boolean };

/** SQL for one and the same leg: rows of two tables, of which `one` may be another system's, in whole seconds. */
const isOf = (one: string, leg: string) =>
  `${leg}.uuid = ${one}.uuid and ${leg}.start_at between ${one}.start_at - ${TOLERANCE} and ${one}.start_at + ${TOLERANCE}`;

const distance = (one: string, leg: string) => `abs(extract(epoch from ${one}.start_at - ${leg}.start_at))`;

/** Where two legs are as near, it is not this tenant's. */
const OWNER = `(select l.tenant from legs l where ${isOf('d', 'l')}
  order by ${distance('d', 'l')}, coalesce(l.tenant = $2, false) limit 1)`;

/**
 * The documents of all legs with this uuid, the latest start first, XML first; with a tenant, only those of its own legs: a leg that
 * belongs to nobody is the administrator's.
 */
export async function findDocuments(
  database: Queryable,
  { uuid, tenant }: { uuid: string; tenant?: string | undefined },
): Promise<LegDocument[]> {
  const { rows } = await database.query<Raw>(
    `select ${DOCUMENT}, ${toMicroseconds('coalesce(own.row_start_at, d.start_at)')} as leg_start_us,
       coalesce(own.row_sha256 = d.body_sha256, false) as is_row
     from cdr_documents d
     left join lateral (
       select c.start_at as row_start_at, c.body_sha256 as row_sha256 from cdr c where ${isOf('d', 'c')}
       order by ${distance('d', 'c')} limit 1
     ) as own on true
     where d.uuid = $1 and ($2::text is null or ${OWNER} = $2)
     order by d.start_at desc, d.format desc limit 100`,
    [uuid, tenant ?? null],
  );
  return rows.map((row) => ({ ...toStoredDocument(row), leg_start_us: Number(row.leg_start_us) }));
}
