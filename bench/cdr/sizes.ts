import type pg from 'pg';
import { readDocument } from '../../libs/freeswitch/cdr/parse-cdr.ts';
import { unpackDocument } from '../../libs/store/document.ts';
import { type Figure, figure } from '../figure.ts';

const DOCUMENTS = 2_000;

/** Bytes on disk of what is stored, for one CDR. */
export async function sizeFigures(client: pg.Client): Promise<Figure[]> {
  await client.query('vacuum analyze cdr');
  await client.query('vacuum analyze cdr_documents');
  const rows = await countOf(client, 'cdr');
  const row = (await sizeOf(client, 'cdr', 'pg_table_size')) / rows;
  const index = (await sizeOf(client, 'cdr', 'pg_indexes_size')) / rows;
  const packed =
    (await sizeOf(client, 'cdr_documents', 'pg_table_size')) / (await countOf(client, 'cdr_documents'));
  const baseline = await sizeAsJsonb(client);
  return [
    figure('cdr.row_bytes', row, 'bytes', 'lower'),
    figure('cdr.index_bytes', index, 'bytes', 'lower'),
    {
      ...figure('cdr.document_bytes', packed, 'bytes', 'lower'),
      baseline: Math.round(baseline),
      ratio: Number((packed / baseline).toPrecision(4)),
    },
  ];
}

async function countOf(client: pg.Client, table: 'cdr' | 'cdr_documents' | 'cdr_jsonb'): Promise<number> {
  const { rows } = await client.query<{ rows: number }>(`select count(*)::int as rows from ${table}`);
  return rows[0]?.rows ?? 0;
}

/** Of all partitions together. */
async function sizeOf(
  client: pg.Client,
  table: string,
  measure: 'pg_table_size' | 'pg_indexes_size',
): Promise<number> {
  const { rows } = await client.query<{ bytes: string }>(
    `select sum(${measure}(relid)) as bytes from pg_partition_tree($1::regclass) where isleaf`,
    [table],
  );
  return Number(rows[0]?.bytes);
}

/** The same records as jsonb, as a table would hold them (PostgreSQL compresses what is large). */
async function sizeAsJsonb(client: pg.Client): Promise<number> {
  await client.query('create temp table cdr_jsonb (uuid text, start_at timestamptz, record jsonb)');
  const { rows } = await client.query<{
    uuid: string;
    format: 'xml' | 'json';
    compression: 'none' | 'zstd';
    dictionary: number | null;
    body: Buffer;
  }>('select uuid, format, compression, dictionary, body from cdr_documents limit $1', [DOCUMENTS]);
  for (const row of rows) {
    const record = readDocument(row.format, unpackDocument(row));
    await client.query('insert into cdr_jsonb values ($1, now(), $2)', [
      row.uuid,
      JSON.stringify(record).replaceAll('\\u0000', ''),
    ]);
  }
  const size = await client.query<{ bytes: string }>(`select pg_table_size('cdr_jsonb') as bytes`);
  return Number(size.rows[0]?.bytes) / rows.length;
}
