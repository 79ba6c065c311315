import { CodedError } from '../errors/coded-error.ts';
import { readDocument } from '../freeswitch/cdr/parse-cdr.ts';
import type { CdrRecord } from '../records/cdr-record.ts';
import { openDocument } from './dictionary/dictionary.sql.ts';
import type { StoredDocument } from './document-columns.ts';
import type { Queryable } from './queryable.ts';
import { findDocument } from './stored-cdr.sql.ts';

/** What decides which of two bodies of one leg and format is kept (I2). */
export interface DocumentRank {
  /** made of another system's row */
  imported: boolean;
  end_us: number;
  sha256: Buffer;
}

/**
 * The leg's own CDR wins over another system's row, then the later end; the hash decides where the ends are equal, so that
 * order of arrival never does.
 */
export function beats(left: DocumentRank, right: DocumentRank): boolean {
  if (left.imported !== right.imported) return right.imported;
  const difference = left.end_us - right.end_us;
  return difference === 0 ? left.sha256.compare(right.sha256) > 0 : difference > 0;
}

export function rankOfRecord({
  cdr,
  imported = false,
  body_sha256,
}: Pick<CdrRecord, 'cdr' | 'imported' | 'body_sha256'>): DocumentRank {
  return { imported, end_us: cdr.end_us, sha256: Buffer.from(body_sha256, 'hex') };
}

/** The rank of a stored document: whose it is stands in the document itself. One that cannot be read any more is the leg's own. */
export async function rankOfStored(database: Queryable, stored: StoredDocument): Promise<DocumentRank> {
  const imported = stored.format === 'json' && (await isImported(database, stored));
  return { imported, end_us: stored.end_us, sha256: stored.body_sha256 };
}

async function isImported(database: Queryable, stored: StoredDocument): Promise<boolean> {
  try {
    return readDocument('json', await openDocument(database, stored)).imported;
  } catch (error) {
    if (error instanceof CodedError) return false;
    throw error;
  }
}

/**
 * Whether the document that is stored of this leg and format wins over this one (I2). What is stored is only ever replaced by a
 * better one: a document that is beaten now stays so for as long as that one is kept.
 */
export async function isBeaten(database: Queryable, record: CdrRecord): Promise<boolean> {
  const { cdr, format, body_sha256 } = record;
  const stored = await findDocument(database, { uuid: cdr.uuid, start_us: cdr.start_us, format });
  if (stored === undefined || stored.body_sha256.toString('hex') === body_sha256) return false;
  return beats(await rankOfStored(database, stored), rankOfRecord(record));
}
