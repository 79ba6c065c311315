import { isSameLeg } from '../../libs/calls/history.ts';
import type { Pool, PoolClient } from '../../libs/postgres/database.ts';
import { transaction } from '../../libs/postgres/transaction.ts';
import { type CdrRow, upsertCdrs } from '../../libs/store/cdr.sql.ts';
import { isExpired, type Retention } from '../../libs/store/cdr-retention.ts';
import { openDocument } from '../../libs/store/dictionary/dictionary.sql.ts';
import {
  type DocumentRow,
  insertDocuments,
  lockDocuments,
  replaceDocuments,
} from '../../libs/store/document.sql.ts';
import { beats, rankOfRecord, rankOfStored } from '../../libs/store/document-rank.ts';
import { deleteImported, haveOwnCdr } from '../../libs/store/imported-cdr.sql.ts';
import { DIFFERENCE, DIFFERS, insertRejects, type RejectRow } from '../../libs/store/reject.sql.ts';
import type { PackDocument } from './document-packer.ts';
import { type LegDocument, planBatch, toCdrRow } from './leg-documents.ts';
import { mergeRejects, packedAfter, setAside } from './rejects.ts';

/** What storing a batch came to. */
export interface Stored {
  rows: number;
  documents: number;
  /** bodies that differ from the one of their leg and format, kept as rejects */
  differing: number;
  /** documents that were past their retention when they came */
  expired: number;
}

interface StoreOptions {
  documents: readonly LegDocument[];
  pack: PackDocument;
  retention: Retention;
  /** retries after a deadlock or a serialization failure are counted */
  onRetry: (error: unknown) => void;
}

const RETRIES = 3;

/**
 * Stores CDRs in one transaction, one statement a table: rows, documents, and the bodies that lost (I2). Applying the
 * same batch again, or any other order of batches, leaves the same rows.
 * @throws what PostgreSQL throws; nothing is stored then
 */
export async function storeCdrs(
  pool: Pool,
  { documents, pack, retention, onRetry }: StoreOptions,
): Promise<Stored> {
  const plan = planBatch(documents);
  const kept = plan.documents.filter(
    ({ record }) => !isExpired(record.cdr.start_us, retention.documentsFromUs),
  );
  const incoming = new Map<DocumentRow, LegDocument>();
  for (const document of kept) incoming.set(await toDocumentRow(document, pack), document);
  return transaction(
    pool,
    async (client) => {
      const rows = await storeRows(client, plan.rows.map(toCdrRow));
      const lost = await storeDocuments(client, incoming);
      const rejects = [
        ...plan.losers.map((loser) => setAside(loser, DIFFERS, DIFFERENCE)),
        ...(await Promise.all(lost.map((row) => lostRow(client, row)))),
      ];
      await insertRejects(client, mergeRejects(rejects));
      return {
        rows,
        documents: incoming.size - lost.length,
        differing: rejects.length,
        expired: plan.documents.length - kept.length,
      };
    },
    { retries: RETRIES, onRetry },
  );
}

/** Another system's row of a leg gives way to the leg's own CDR, whichever comes first: they differ by less than a second. */
async function storeRows(client: PoolClient, rows: readonly CdrRow[]): Promise<number> {
  const [own, imported] = [rows.filter((row) => !row.imported), rows.filter((row) => row.imported)];
  await deleteImported(client, own);
  const known = await haveOwnCdr(client, imported);
  const alone = imported.filter((row, at) => !known[at] && !own.some((other) => isSameLeg(row, other)));
  return upsertCdrs(client, [...own, ...alone]);
}

/** Stores documents; where another one stands under the key the better stays, and the other is returned. */
async function storeDocuments(
  client: PoolClient,
  incoming: ReadonlyMap<DocumentRow, LegDocument>,
): Promise<DocumentRow[]> {
  const rows = [...incoming.keys()];
  const inserted = new Set((await insertDocuments(client, rows)).map(keyOf));
  const met = rows.filter((row) => !inserted.has(keyOf(row)));
  const standing = new Map((await lockDocuments(client, met)).map((row) => [keyOf(row), row]));
  const different = met.flatMap((row) => {
    const stored = standing.get(keyOf(row));
    return stored === undefined || stored.body_sha256.equals(row.body_sha256) ? [] : [{ row, stored }];
  });
  const better = new Set<DocumentRow>();
  for (const { row, stored } of different) {
    const document = incoming.get(row);
    if (document === undefined) continue;
    if (beats(rankOfRecord(document.record), await rankOfStored(client, stored))) better.add(row);
  }
  await replaceDocuments(client, [...better]);
  return different.map(({ row, stored }) => (better.has(row) ? stored : row));
}

function keyOf({ uuid, start_us, format }: { uuid: string; start_us: number; format: string }): string {
  return `${start_us} ${format} ${uuid}`;
}

async function toDocumentRow({ record, sha256 }: LegDocument, pack: PackDocument): Promise<DocumentRow> {
  const { cdr, format, received_us } = record;
  return {
    uuid: cdr.uuid,
    start_us: cdr.start_us,
    format,
    switch_name: cdr.switch_name,
    end_us: cdr.end_us,
    received_us,
    body_sha256: sha256,
    body_size: record.body_size,
    ...(await pack(record)),
  };
}

async function lostRow(client: PoolClient, row: DocumentRow): Promise<RejectRow> {
  return {
    reason: DIFFERS,
    detail: DIFFERENCE,
    switch_name: row.switch_name,
    uuid: row.uuid,
    source_ip: null,
    path: '',
    content_type: null,
    receipts_us: [row.received_us],
    body_sha256: row.body_sha256,
    body: await openDocument(client, row).catch((error: unknown) => packedAfter(error, row.body)),
  };
}
