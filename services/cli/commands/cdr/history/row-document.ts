import type { ColumnSource, HistoryMap } from './history-map.ts';
import { readTimestamp, type Zone } from './timestamp.ts';

/** A row of another system: column → value. */
export type HistoryRow = Readonly<Record<string, unknown>>;

export interface RowOptions {
  map: HistoryMap;
  /** switchname of the server whose history it is, where the row does not say */
  node: string | undefined;
  /** of times without one */
  zone: Zone;
}

/** Fields of the caller profile; everything else is a variable. */
const PROFILE = ['uuid', 'caller_id_name', 'caller_id_number', 'destination_number', 'context', 'ani'];

/** The bodies a row can be read from, the best first: documents of FreeSWITCH in it, then one made of its columns. */
export function bodiesOf(row: HistoryRow, options: RowOptions): Buffer[] {
  const documents = options.map.documents
    .map((column) => textOf(row[column]).trim())
    .filter((text) => text !== '');
  return [...documents, makeDocument(row, options)].map((text) => Buffer.from(text));
}

/**
 * A JSON CDR as mod_json_cdr would have posted it, with what the row says: so a history goes the same way as every other
 * CDR. The same row gives the same bytes; the row itself is kept in it whole.
 */
function makeDocument(row: HistoryRow, { map, node, zone }: RowOptions): string {
  const fields = Object.fromEntries(
    Object.entries(map.fields).flatMap(([name, sources]) => {
      const value = [sources]
        .flat()
        .map((source) => textIn(row, source, zone))
        .find((text) => text !== '');
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
  const { switchname = node ?? '', ...variables } = fields;
  const profile = Object.fromEntries(
    PROFILE.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])),
  );
  return JSON.stringify({
    'core-uuid': '',
    switchname,
    variables,
    callflow: [{ caller_profile: profile, times: {} }],
    imported_row: row,
  });
}

function textIn(row: HistoryRow, source: ColumnSource, zone: Zone): string {
  const { column, as } = typeof source === 'string' ? { column: source, as: 'text' as const } : source;
  const text = textOf(row[column]).trim();
  if (as === 'text' || text === '') return text;
  const us = microsecondsOf(text, as, zone);
  return us === undefined || us <= 0 ? '' : String(us);
}

const FACTORS = { epoch: 1_000_000, epoch_ms: 1_000, epoch_us: 1 } as const;

function microsecondsOf(
  text: string,
  as: keyof typeof FACTORS | 'timestamp',
  zone: Zone,
): number | undefined {
  if (as === 'timestamp') return readTimestamp(text, zone);
  const value = Number(text);
  return Number.isFinite(value) ? Math.round(value * FACTORS[as]) : undefined;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
