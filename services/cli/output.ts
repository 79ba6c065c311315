import Table from 'cli-table3';
import { plainJson, plainLines, plainText } from './plain-text.ts';

/** Where a command writes: results to `out`, remarks to `err`. */
export interface OutputStreams {
  out: { write(text: string | Buffer): unknown };
  err: { write(text: string): unknown };
}

type Row = Readonly<Record<string, unknown>>;

/** Shows results: as text and tables to people, as JSON lines to programs (`--json`). */
export interface Output {
  useJson(): void;
  /** Whether results go to a program. */
  isJson(): boolean;
  /** One thing that was done or found: `line` for people, `value` for programs. */
  result(line: string, value: Readonly<Record<string, unknown>>): void;
  /** What a person should know beside the results. */
  remark(text: string): void;
  /** Bytes as they are for people and pipes, `value` for programs. */
  raw(bytes: Buffer, value: Readonly<Record<string, unknown>>): void;
  /** Many things: a table of what `toRow` makes of each for people, one JSON line each for programs. */
  table<T>(columns: readonly string[], values: readonly T[], toRow: (value: T) => Row): void;
}

export function createOutput({ out, err }: OutputStreams): Output {
  let isJson = false;
  const line = (text: string) => out.write(`${text}\n`);
  return {
    useJson: () => {
      isJson = true;
    },
    isJson: () => isJson,
    result: (text, value) => line(isJson ? plainJson(value) : plainLines(text)),
    remark: (text) => void err.write(`${plainLines(text)}\n`),
    raw: (bytes, value) => {
      if (isJson) line(plainJson(value));
      else out.write(bytes);
    },
    table: (columns, values, toRow) => {
      if (isJson) for (const value of values) line(plainJson(value));
      else line(renderTable(columns, values.map(toRow)));
    },
  };
}

/** Plain columns under their names; control characters of stored text never reach the terminal. */
function renderTable(columns: readonly string[], rows: readonly Row[]): string {
  const table = new Table({
    head: columns.map((column) => column.replaceAll('_', ' ').toUpperCase()),
    chars: BORDERLESS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  });
  for (const row of rows) table.push(columns.map((column) => cell(row[column])));
  return table
    .toString()
    .split('\n')
    .map((text) => text.trimEnd())
    .join('\n');
}

function cell(value: unknown): string {
  const text =
    value === null || value === undefined ? '-' : Array.isArray(value) ? value.join(', ') : String(value);
  return plainText(text);
}

const BORDERLESS = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
    'middle',
  ].map((name) => [name, '']),
);
