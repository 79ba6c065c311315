import { bigintArray, byteaArray, textArray } from '../postgres/binary-array.ts';
import type { PackedDocument } from './document.ts';
import type { Queryable } from './queryable.ts';
import { fromMicroseconds, toMicroseconds } from './time.sql.ts';

/** What identifies a document: a leg has one for each format. */
export interface DocumentKey {
  uuid: string;
  start_us: number;
  format: 'xml' | 'json';
}

/** A row of `cdr_documents` as the writer gives it. */
export interface DocumentRow extends DocumentKey, PackedDocument {
  switch_name: string;
  end_us: number;
  received_us: number;
  body_sha256: Buffer;
  body_size: number;
}

const INCOMING = `
  unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bytea[], $8::integer[],
         $9::text[], $10::integer[], $11::bytea[])
  as incoming (uuid, start_us, format, switch_name, end_us, received_us, body_sha256, body_size,
               compression, dictionary, body)`;

const INSERT = `
  insert into cdr_documents (uuid, start_at, format, switch_name, end_at, received_at, body_sha256, body_size,
                             compression, dictionary, body)
  select uuid, ${fromMicroseconds('start_us')}, format, switch_name, ${fromMicroseconds('end_us')},
         ${fromMicroseconds('received_us')}, body_sha256, body_size,
         compression, dictionary, body
  from ${INCOMING}
  order by uuid, start_us, format
  on conflict (uuid, start_at, format) do nothing
  returning uuid, ${toMicroseconds('start_at')} as start_us, format`;

const REPLACE = `
  update cdr_documents as stored set
    switch_name = incoming.switch_name, end_at = ${fromMicroseconds('incoming.end_us')},
    received_at = ${fromMicroseconds('incoming.received_us')},
    body_sha256 = incoming.body_sha256, body_size = incoming.body_size, compression = incoming.compression,
    dictionary = incoming.dictionary, body = incoming.body
  from ${INCOMING}
  where stored.uuid = incoming.uuid and stored.start_at = ${fromMicroseconds('incoming.start_us')}
    and stored.format = incoming.format`;

const LOCK = `
  select stored.uuid, ${toMicroseconds('stored.start_at')} as start_us, stored.format, stored.switch_name,
         ${toMicroseconds('stored.end_at')} as end_us, ${toMicroseconds('stored.received_at')} as received_us, stored.body_sha256,
         stored.body_size, stored.compression, stored.dictionary, stored.body
  from cdr_documents as stored
  join unnest($1::text[], $2::bigint[], $3::text[]) as wanted (uuid, start_us, format)
    on stored.uuid = wanted.uuid and stored.start_at = ${fromMicroseconds('wanted.start_us')} and stored.format = wanted.format
  order by stored.uuid, stored.start_at, stored.format
  for update of stored`;

/** Stores documents of legs that have none of that format yet; returns the keys of those that were stored. */
export async function insertDocuments(
  database: Queryable,
  rows: readonly DocumentRow[],
): Promise<DocumentKey[]> {
  if (rows.length === 0) return [];
  const { rows: stored } = await database.query<RawKey>({
    name: 'cdr_documents_insert',
    text: INSERT,
    values: columnsOf(rows),
  });
  return stored.map((key) => ({ ...key, start_us: Number(key.start_us) }));
}

/** Puts these documents in the place of those that stand under their keys. */
export async function replaceDocuments(database: Queryable, rows: readonly DocumentRow[]): Promise<void> {
  if (rows.length > 0) await database.query(REPLACE, columnsOf(rows));
}

/** The stored documents under these keys, locked until the transaction ends. */
export async function lockDocuments(
  database: Queryable,
  keys: readonly DocumentKey[],
): Promise<DocumentRow[]> {
  if (keys.length === 0) return [];
  const { rows } = await database.query<RawDocument>(LOCK, [
    keys.map(({ uuid }) => uuid),
    keys.map(({ start_us }) => start_us),
    keys.map(({ format }) => format),
  ]);
  return rows.map((row) => ({
    ...row,
    start_us: Number(row.start_us),
    end_us: Number(row.end_us),
    received_us: Number(row.received_us),
  }));
}

/** bigint comes as text. */
type RawKey = Omit<DocumentKey, 'start_us'> & { start_us: string };
type RawDocument = Omit<DocumentRow, 'start_us' | 'end_us' | 'received_us'> & {
  start_us: string;
  end_us: string;
  received_us: string;
};

function columnsOf(rows: readonly DocumentRow[]): unknown[] {
  const column = <Name extends keyof DocumentRow>(name: Name) => rows.map((row) => row[name]);
  return [
    textArray(column('uuid')),
    bigintArray(column('start_us')),
    textArray(column('format')),
    textArray(column('switch_name')),
    bigintArray(column('end_us')),
    bigintArray(column('received_us')),
    byteaArray(column('body_sha256')),
    column('body_size'),
    textArray(column('compression')),
    column('dictionary'),
    byteaArray(column('body')),
  ];
}
