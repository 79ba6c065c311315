/** A row of another system: column → value. */
export type HistoryRow = Readonly<Record<string, unknown>>;

/** A row, and where it was met. */
export interface PlacedRow {
  row: HistoryRow;
  /** file or table, and its line or number there */
  place: string;
  /** how much memory it asks for, about */
  bytes: number;
  /** why nobody can say which of its fields is which */
  flaw?: string;
}

const TOGETHER = 200;
const TOGETHER_BYTES = 8 * 1024 * 1024;

/**
 * Rows that are looked up and published together: as many as memory and the bus take at once. Where `rows` fails, those
 * before come first.
 */
export async function* groupsOf(rows: AsyncIterable<PlacedRow>): AsyncGenerator<PlacedRow[]> {
  let group: PlacedRow[] = [];
  let bytes = 0;
  try {
    for await (const row of rows) {
      if (group.length > 0 && (group.length >= TOGETHER || bytes + row.bytes > TOGETHER_BYTES)) {
        yield group;
        group = [];
        bytes = 0;
      }
      group.push(row);
      bytes += row.bytes;
    }
  } catch (error) {
    if (group.length > 0) yield group;
    throw error;
  }
  if (group.length > 0) yield group;
}
