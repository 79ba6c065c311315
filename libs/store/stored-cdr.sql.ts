import pg from 'pg';
import type { DocumentKey } from './document.sql.ts';
import { DOCUMENT, type RawDocument, type StoredDocument, toStoredDocument } from './document-columns.ts';
import type { Queryable } from './queryable.ts';
import { fromMicroseconds } from './time.sql.ts';

/** What identifies a leg's CDR. */
export interface LegKey {
  uuid: string;
  start_us: number;
}

/** The latest documents of a format. */
export async function findLatestDocuments(
  database: Queryable,
  { format, limit }: { format: 'xml' | 'json'; limit: number },
): Promise<StoredDocument[]> {
  const { rows } = await database.query<RawDocument>(
    `select ${DOCUMENT} from cdr_documents d where format = $1 order by start_at desc limit $2`,
    [format, limit],
  );
  return rows.map(toStoredDocument);
}

/** Where a page of documents begins: after this one, in the order of (start, uuid, format). */
export interface DocumentPlace extends LegKey {
  format: string;
}

/** Legs that began in [fromUs, toUs), after a place, and how much of them at once. */
export interface DocumentPage {
  fromUs: number;
  toUs: number;
  after: DocumentPlace | undefined;
  limit: number;
  /** of documents as FreeSWITCH made them; one that is larger comes alone */
  bytes: number;
}

/** Documents of legs in the order of (start, uuid, format), a page at a time: none when there are no more. */
export async function pageDocuments(
  database: Queryable,
  { fromUs, toUs, after, limit, bytes }: DocumentPage,
): Promise<StoredDocument[]> {
  const { rows } = await database.query<RawDocument>(
    `select ${DOCUMENT} from (
       select *, row_number() over place as number, sum(body_size) over place as bytes from (
         select * from cdr_documents
         where start_at >= ${fromMicroseconds('$1::bigint')} and start_at < ${fromMicroseconds('$2::bigint')}
           and ($3::bigint is null or (start_at, uuid, format) > (${fromMicroseconds('$3::bigint')}, $4::text, $5::text))
         order by start_at, uuid, format limit $6) as next
       window place as (order by start_at, uuid, format)) as d
     where number = 1 or bytes <= $7
     order by start_at, uuid, format`,
    [fromUs, toUs, after?.start_us ?? null, after?.uuid ?? null, after?.format ?? null, limit, bytes],
  );
  return rows.map(toStoredDocument);
}

/** How many documents `pageDocuments` would give. */
export async function countDocuments(
  database: Queryable,
  { fromUs, toUs }: { fromUs: number; toUs: number },
): Promise<number> {
  const { rows } = await database.query<{ count: string }>(
    `select count(*) as count from cdr_documents
     where start_at >= ${fromMicroseconds('$1::bigint')} and start_at < ${fromMicroseconds('$2::bigint')}`,
    [fromUs, toUs],
  );
  return Number(rows[0]?.count ?? 0);
}

/** A body that is about to be imported. */
export interface Candidate extends LegKey {
  format: 'xml' | 'json';
  /** hex */
  body_sha256: string;
}

/**
 * For each of these bodies, whether it is stored already: the same bytes as the leg's row, its document, or a reject. A
 * row whose document expired says nothing about a body of the other format.
 */
export async function areStored(database: Queryable, candidates: readonly Candidate[]): Promise<boolean[]> {
  const { rows } = await database.query<{ stored: boolean }>(
    `select exists (select from cdr c where c.uuid = w.uuid and c.start_at = ${fromMicroseconds('w.start_us')} and c.body_sha256 = w.hash)
         or exists (select from cdr_documents d where d.uuid = w.uuid and d.start_at = ${fromMicroseconds('w.start_us')}
                    and d.format = w.format and d.body_sha256 = w.hash)
         or exists (select from cdr_rejects r where r.body_sha256 = w.hash and r.reason = 'cdr-differs') as stored
     from unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) with ordinality as u (uuid, start_us, format, hex, number)
     cross join lateral (select u.uuid, u.start_us, u.format, decode(u.hex, 'hex') as hash) as w
     order by u.number`,
    [
      candidates.map(({ uuid }) => uuid),
      candidates.map(({ start_us }) => start_us),
      candidates.map(({ format }) => format),
      candidates.map(({ body_sha256 }) => body_sha256),
    ],
  );
  return rows.map(({ stored }) => stored);
}

/** The document under this key. */
export async function findDocument(
  database: Queryable,
  { uuid, start_us, format }: DocumentKey,
): Promise<StoredDocument | undefined> {
  const { rows } = await database.query<RawDocument>(
    `select ${DOCUMENT} from cdr_documents d
     where uuid = $1 and start_at = ${fromMicroseconds('$2::bigint')} and format = $3`,
    [uuid, start_us, format],
  );
  return rows[0] === undefined ? undefined : toStoredDocument(rows[0]);
}

/** A leg, and whether a row of another system says so. */
export interface SaidLeg extends LegKey {
  imported: boolean;
}

/**
 * For each leg, whether a CDR of it is stored that began within `withinUs` of this start: what another system exported
 * knows whole seconds only. The leg's own CDR is known by another one of its own only: another system's row gives way.
 */
export async function areKnown(
  database: Queryable,
  legs: readonly SaidLeg[],
  { withinUs }: { withinUs: number },
): Promise<boolean[]> {
  const { rows } = await database.query<{ known: boolean }>(
    `select exists (select from cdr c where c.uuid = u.uuid and (u.imported or not c.imported)
         and c.start_at between ${fromMicroseconds('(u.start_us - $3::bigint)')} and ${fromMicroseconds('(u.start_us + $3::bigint)')}) as known
     from unnest($1::text[], $2::bigint[], $4::boolean[]) with ordinality as u (uuid, start_us, imported, number)
     order by u.number`,
    [
      legs.map(({ uuid }) => uuid),
      legs.map(({ start_us }) => start_us),
      withinUs,
      legs.map(({ imported }) => imported),
    ],
  );
  return rows.map(({ known }) => known);
}

/** How much a partition holds. */
export async function measurePartition(
  database: Queryable,
  partition: string,
): Promise<{ rows: number; bytes: number }> {
  const name = pg.escapeIdentifier(partition);
  const { rows } = await database.query<{ rows: string; bytes: string }>(
    `select (select count(*) from ${name}) as rows, pg_total_relation_size($1::regclass) as bytes`,
    [name],
  );
  return { rows: Number(rows[0]?.rows), bytes: Number(rows[0]?.bytes) };
}
