import { csvLine, csvText } from '../../csv/cell.ts';
import type { ColumnKind, ExportColumn } from './export-column.ts';

export const EXPORT_FORMATS = ['csv', 'ndjson'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** A row as PostgreSQL writes it: every value as text. */
export type TextRow = readonly (string | null)[];

/** How rows become bytes of a file. */
export interface RowFormat {
  contentType: string;
  /** the list of columns to select */
  select: string;
  /** what comes before the first row */
  head: string;
  line(row: TextRow): string;
}

export function rowFormat(format: ExportFormat, columns: readonly ExportColumn[]): RowFormat {
  return format === 'csv' ? csvFormat(columns) : ndjsonFormat(columns);
}

function csvFormat(columns: readonly ExportColumn[]): RowFormat {
  const isText = columns.map(({ kind }) => kind === 'text' || kind === 'list');
  const select = columns.map(({ kind, sql }) => (kind === 'list' ? `array_to_string(${sql}, ' ')` : sql));
  return {
    contentType: 'text/csv; charset=utf-8; header=present',
    select: select.join(', '),
    head: csvLine(columns.map(({ name }) => name)),
    line: (row) => csvLine(row.map((value, at) => (isText[at] === true ? csvText(value) : (value ?? '')))),
  };
}

const TO_JSON: Record<ColumnKind, (value: string) => string> = {
  text: (value) => JSON.stringify(value),
  number: (value) => (/^-?[0-9]/.test(value) ? value : 'null'),
  boolean: (value) => (value === 't' ? 'true' : 'false'),
  time: (value) => `"${toRfc3339(value)}"`,
  list: (value) => value,
};

function ndjsonFormat(columns: readonly ExportColumn[]): RowFormat {
  const fields = columns.map(({ name, kind }) => ({ key: `${JSON.stringify(name)}:`, write: TO_JSON[kind] }));
  const select = columns.map(({ kind, sql }) => (kind === 'list' ? `array_to_json(${sql})` : sql));
  return {
    contentType: 'application/x-ndjson; charset=utf-8',
    select: select.join(', '),
    head: '',
    line: (row) => {
      const parts = fields.map(({ key, write }, at) => {
        const value = row[at] ?? null;
        return key + (value === null ? 'null' : write(value));
      });
      return `{${parts.join(',')}}\n`;
    },
  };
}

/** `2026-11-20 21:51:30.123456+01` → `2026-11-20T21:51:30.123456+01:00`; an offset has minutes where its zone does. */
export function toRfc3339(timestamptz: string): string {
  const withT = timestamptz.replace(' ', 'T');
  return /[+-]\d\d$/.test(withT) ? `${withT}:00` : withT;
}
