import type { CdrRecord } from '../../libs/records/cdr-record.ts';
import type { CdrRow } from '../../libs/store/cdr.sql.ts';
import { beats, type DocumentRank, rankOfRecord } from '../../libs/store/document-rank.ts';

/** One posted document of a leg, with the record that was read from it. */
export interface LegDocument {
  record: CdrRecord;
  sha256: Buffer;
}

/** What one batch means: at most one row a leg, at most one document a leg and format, and what lost against these. */
export interface Plan {
  rows: LegDocument[];
  documents: LegDocument[];
  losers: LegDocument[];
}

export function toLegDocument(record: CdrRecord): LegDocument {
  return { record, sha256: Buffer.from(record.body_sha256, 'hex') };
}

/**
 * I2 within one batch: the same body once; of different bodies of one format the leg's own before another system's row, the later
 * end, then the hash. The row is made of the leg's own, XML before JSON.
 */
export function planBatch(documents: readonly LegDocument[]): Plan {
  const best = new Map<string, LegDocument>();
  const losers = new Map<string, LegDocument>();
  for (const document of documents) {
    const key = `${legKey(document)} ${document.record.format}`;
    const rival = best.get(key);
    if (rival?.sha256.equals(document.sha256)) continue;
    const [winner, loser] =
      rival !== undefined && beats(rankOf(rival), rankOf(document)) ? [rival, document] : [document, rival];
    best.set(key, winner);
    if (loser !== undefined) losers.set(`${key} ${loser.sha256.toString('hex')}`, loser);
  }
  return { rows: bestOfLegs(best.values()), documents: [...best.values()], losers: [...losers.values()] };
}

function bestOfLegs(documents: Iterable<LegDocument>): LegDocument[] {
  const rows = new Map<string, LegDocument>();
  for (const document of documents) {
    const rival = rows.get(legKey(document));
    if (rival === undefined || isRatherRow(document, rival)) rows.set(legKey(document), document);
  }
  return [...rows.values()];
}

function isRatherRow(document: LegDocument, rival: LegDocument): boolean {
  const imported = isImported(rival);
  return isImported(document) === imported ? document.record.format === 'xml' : imported;
}

function isImported({ record }: LegDocument): boolean {
  return record.imported ?? false;
}

function rankOf({ record }: LegDocument): DocumentRank {
  return rankOfRecord(record);
}

function legKey({ record }: LegDocument): string {
  return `${record.cdr.start_us} ${record.cdr.uuid}`;
}

export function toCdrRow({ record }: LegDocument): CdrRow {
  return {
    ...record.cdr,
    format: record.format,
    variables: record.variables,
    received_us: record.received_us,
    body_sha256: record.body_sha256,
    imported: record.imported ?? false,
  };
}
