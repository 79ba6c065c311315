import { SAME_LEG_US } from '../calls/history.ts';
import type { LegDocument } from './leg-documents.sql.ts';

/** What somebody asks of the documents of a uuid. */
export interface DocumentWish {
  format?: string | undefined;
  /** of the leg, where there are several */
  startUs?: number | undefined;
}

export interface ChosenDocument {
  document: LegDocument;
  /** when other legs with this uuid began, the latest first */
  otherStartsUs: number[];
}

/** The document that is meant: of the leg that began then, else of the latest one; the one that the leg's row was made of, else XML. */
export function chooseDocument(
  documents: readonly LegDocument[],
  { format, startUs }: DocumentWish,
): ChosenDocument | undefined {
  const [document] = documents
    .filter((one) => format === undefined || one.format === format)
    .filter((one) => startUs === undefined || distanceTo(startUs, one) <= SAME_LEG_US)
    .sort((left, right) => compare(left, right, startUs));
  if (document === undefined) return undefined;
  const starts = new Set(documents.map(({ leg_start_us }) => leg_start_us));
  starts.delete(document.leg_start_us);
  return { document, otherStartsUs: [...starts].sort((left, right) => right - left) };
}

function distanceTo(startUs: number, { leg_start_us, start_us }: LegDocument): number {
  return Math.min(Math.abs(leg_start_us - startUs), Math.abs(start_us - startUs));
}

/** Negative where the left one is meant rather. */
function compare(left: LegDocument, right: LegDocument, startUs: number | undefined): number {
  return (
    (startUs === undefined ? 0 : distanceTo(startUs, left) - distanceTo(startUs, right)) ||
    right.leg_start_us - left.leg_start_us ||
    Number(right.is_row) - Number(left.is_row) ||
    Number(right.format === 'xml') - Number(left.format === 'xml') ||
    right.start_us - left.start_us
  );
}
