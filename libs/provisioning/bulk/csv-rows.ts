import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { CodedError } from '../../errors/coded-error.ts';
import { type Refusal, refuse } from '../resource/refusal.ts';
import type { Json, Resource } from '../resource/resource.ts';
import { readCell } from './csv-cell.ts';
import { type ImportRow, isMisread, MAX_ROW_BYTES, NO_UTF8 } from './import-row.ts';

interface Parsed {
  record: string[];
  info: { lines: number };
}

/**
 * The rows of a CSV file (RFC 4180, UTF-8, a header line with names of fields), one after the other. Fields that only the
 * database writes may stand in it, as in an export, and are passed over.
 * @throws CodedError `value-refused` (the header), `csv-invalid` (from there on nothing can be read)
 */
export async function* readCsvRows(
  resource: Resource,
  pieces: AsyncIterable<Buffer> | Iterable<Buffer>,
): AsyncGenerator<ImportRow> {
  const parser = parse({
    bom: true,
    info: true,
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: MAX_ROW_BYTES,
    trim: true,
  });
  // what goes wrong on either side is thrown by the loop below
  pipeline(Readable.from(pieces, { objectMode: true, highWaterMark: 1 }), parser, () => undefined);
  let header: string[] | undefined;
  try {
    for await (const { record, info } of parser as AsyncIterable<Parsed>) {
      if (header === undefined) header = checkHeader(resource, record);
      else yield { line: info.lines, read: readRecord(resource, header, record) };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new CodedError('csv-invalid', `this is no CSV: ${error.message}`, { cause: error });
  }
}

function checkHeader({ fields }: Resource, names: readonly string[]): string[] {
  const [only = ''] = names;
  if (names.length === 1 && /[;\t]/.test(only))
    throw refuse({ field: 'line 1', reason: 'has no comma: fields are separated by commas' });
  const unknown = names.filter((name) => !Object.hasOwn(fields, name));
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  const refusals: Refusal[] = [
    ...unknown.map((field) => ({
      field,
      reason: `is no field: the first line names fields, such as ${Object.keys(fields)[0]}`,
    })),
    ...twice.map((field) => ({ field, reason: 'stands twice in the first line' })),
  ];
  if (refusals.length > 0) throw refuse(...refusals);
  return [...names];
}

function readRecord({ fields, key }: Resource, header: readonly string[], cells: readonly string[]) {
  if (cells.length !== header.length) {
    return [{ field: '', reason: `has ${cells.length} cells, but the first line has ${header.length}` }];
  }
  const misread = header.filter((_name, index) => isMisread(cells[index] ?? ''));
  if (misread.length > 0) return misread.map((name) => ({ field: name, reason: NO_UTF8 }));
  const item: Record<string, Json> = {};
  for (const [index, name] of header.entries()) {
    const field = fields[name];
    if (field === undefined || (field.kind === 'read-only' && !key.some((part) => part.field === name)))
      continue;
    const value = readCell(cells[index] ?? '', field);
    if (value !== undefined) item[name] = value;
  }
  return item;
}
