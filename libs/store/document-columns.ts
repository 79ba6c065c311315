import type { DocumentRow } from './document.sql.ts';
import { toMicroseconds } from './time.sql.ts';

/** A stored document, packed, with what tells it from others. */
export type StoredDocument = DocumentRow;

/** Columns of `cdr_documents d`. */
export const DOCUMENT = `d.uuid, ${toMicroseconds('d.start_at')} as start_us, d.format, d.switch_name,
  ${toMicroseconds('d.end_at')} as end_us, ${toMicroseconds('d.received_at')} as received_us, d.body_sha256, d.body_size,
  d.compression, d.dictionary, d.body`;

/** bigint comes as text. */
export type RawDocument = Omit<DocumentRow, 'start_us' | 'end_us' | 'received_us'> & {
  start_us: string;
  end_us: string;
  received_us: string;
};

/** A row of these columns, and what else it has. */
export function toStoredDocument<Row extends RawDocument>(
  row: Row,
): Omit<Row, 'start_us' | 'end_us' | 'received_us'> & StoredDocument {
  const { start_us, end_us, received_us } = row;
  return { ...row, start_us: Number(start_us), end_us: Number(end_us), received_us: Number(received_us) };
}
