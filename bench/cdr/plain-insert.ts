import type { Pool } from '../../libs/postgres/database.ts';
import { transaction } from '../../libs/postgres/transaction.ts';
import type { CdrRecord } from '../../libs/records/cdr-record.ts';

const TIMES = ['start', 'progress', 'progress_media', 'answer', 'end', 'received'];

/** Rows of `cdr` and `cdr_documents` as multi-row INSERTs in one transaction: no conflicts looked for, nothing compared. */
export async function insertPlainly(pool: Pool, records: readonly CdrRecord[]): Promise<void> {
  const rows = records.map(rowOf);
  const documents = records.map(documentOf);
  await transaction(pool, async (client) => {
    await client.query(...insertOf('cdr', rows));
    await client.query(...insertOf('cdr_documents', documents));
  });
}

/** The same row and document as one autocommit INSERT: its statement is always the same, and prepared. */
export async function insertAlone(pool: Pool, record: CdrRecord): Promise<void> {
  const [document, values] = insertOf('cdr_documents', [documentOf(record)]);
  const [row, all] = insertOf('cdr', [rowOf(record)], values);
  await pool.query({ name: 'insert_alone', text: `with document as (${document}) ${row}`, values: all });
}

type Row = Record<string, unknown>;

function rowOf({ cdr, format, variables, received_us, body_sha256 }: CdrRecord): Row {
  const all: Row = { ...cdr, received_us };
  const row: Row = {
    format,
    variables: JSON.stringify(variables),
    body_sha256: Buffer.from(body_sha256, 'hex'),
  };
  for (const [name, value] of Object.entries(all)) {
    if (name.endsWith('_us') && TIMES.includes(name.slice(0, -3)))
      row[name.replace(/_us$/, '_at')] = timeOf(value);
    else row[name] = value;
  }
  return row;
}

function documentOf({
  cdr,
  format,
  received_us,
  body,
  body_size,
  body_sha256,
  body_dictionary,
  body_encoding,
}: CdrRecord): Row {
  return {
    uuid: cdr.uuid,
    start_at: timeOf(cdr.start_us),
    format,
    switch_name: cdr.switch_name,
    end_at: timeOf(cdr.end_us),
    received_at: timeOf(received_us),
    body_sha256: Buffer.from(body_sha256, 'hex'),
    body_size,
    compression: body_encoding === 'zstd' ? 'zstd' : 'none',
    dictionary: body_dictionary,
    body: Buffer.from(body, 'base64'),
  };
}

function timeOf(us: unknown): string | null {
  return us === null ? null : new Date(Number(us) / 1000).toISOString();
}

/** `insert into table (…) values (…), (…), …`, its values behind those of another statement. */
function insertOf(table: string, rows: readonly Row[], before: readonly unknown[] = []): [string, unknown[]] {
  const names = Object.keys(rows[0] ?? {});
  const values = [...before];
  const places = rows.map((row) => `(${names.map((name) => `$${values.push(row[name])}`).join(', ')})`);
  return [`insert into ${table} (${names.join(', ')}) values ${places.join(', ')}`, values];
}
