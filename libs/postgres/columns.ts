import { textArray } from './binary-array.ts';
import { jsonOf, written } from './unwritable-value.ts';

/** Columns of rows that a statement is given, by name: their types. */
export type Columns = Readonly<Record<string, string>>;

/**
 * SQL for rows that come as arrays, one a column, in the parameters from `$first` on; `columnArrays` gives these. PostgreSQL takes 15 µs
 * for a row of 35 columns out of JSON (`json_to_recordset`), and 6 µs so; for Node it is more work where rows are small.
 */
export function rowsOf(columns: Columns, first = 1): string {
  const names = Object.keys(columns);
  const cast = Object.entries(columns).map(([name, type]) => `${name}::${type} as ${name}`);
  const arrays = names.map((_, at) => `$${first + at}::text[]`);
  return `(select ${cast.join(', ')} from unnest(${arrays.join(', ')}) as given (${names.join(', ')}))`;
}

/** Rows as these parameters. What a row does not say is null, as is a number that is none; what is no column is left out. */
export function columnArrays(columns: Columns, rows: readonly object[]): Buffer[] {
  return Object.entries(columns).map(([name, type]) => {
    const write = writerOf(type);
    const values = rows.map((row) => (row as Record<string, unknown>)[name]);
    return textArray(written(() => values.map((value) => (isNothing(value) ? null : write(value)))));
  });
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === 'number' && !Number.isFinite(value));
}

function writerOf(type: string): (value: unknown) => string {
  if (type === 'json' || type === 'jsonb') return jsonOf;
  return type.endsWith('[]') ? (value) => arrayLiteral(value as readonly string[]) : String;
}

/** An array as PostgreSQL reads it (array_in). */
function arrayLiteral(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
