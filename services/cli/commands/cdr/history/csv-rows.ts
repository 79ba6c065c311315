import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { CodedError } from '../../../../../libs/errors/coded-error.ts';
import { CsvReader, type CsvRow } from './csv-reader.ts';
import type { PlacedRow } from './placed-row.ts';
import { rawFields, separatorsIn } from './raw-fields.ts';

const UTF8_BOM = '\u00ef\u00bb\u00bf';
/** What a Latin-1 file nearly always is. */
const WESTERN_EUROPEAN = new TextDecoder('windows-1252');
const UTF16_BOM = /^(?:\u00ff\u00fe|\u00fe\u00ff)/;

/**
 * The rows of a CSV file by the names of its header line, or of `header` where the file has none. A row of which nobody
 * knows which field is which, since it has more or fewer than there are names or its last quote is open, has a flaw and
 * keeps its fields by number.
 * @throws CodedError `csv-unreadable`
 */
export async function* csvRows(
  file: string,
  header: readonly string[] | undefined,
): AsyncGenerator<PlacedRow> {
  const reader = new CsvReader();
  const name = basename(file);
  let names = header;
  function* placed(rows: Iterable<CsvRow>): Generator<PlacedRow> {
    for (const row of rows) {
      if (row.fields.length === 1 && row.fields[0] === '') continue;
      if (names === undefined) names = row.fields.map(decode);
      else if (header === undefined) yield byHeaderLine(row, names, name);
      else yield* byHeader(row, header, name);
    }
  }
  // As bytes: one file may hold rows in several encodings, and what divides fields is ASCII in all that is read here.
  let isFirst = true;
  for await (const chunk of chunksOf(file)) {
    yield* placed(reader.read(isFirst ? withoutBom(chunk) : chunk));
    isFirst = false;
  }
  yield* placed(reader.end());
}

/** @throws CodedError `csv-unreadable` */
async function* chunksOf(file: string): AsyncGenerator<string> {
  try {
    for await (const chunk of createReadStream(file, { encoding: 'latin1' })) yield chunk as string;
  } catch (cause) {
    throw new CodedError('csv-unreadable', `${file} cannot be read`, { cause });
  }
}

type Names = readonly string[];

function byHeaderLine(row: CsvRow, names: Names, file: string): PlacedRow {
  return isWhole(row, names) ? named(row, names, file) : flawed(row, names, file);
}

/**
 * What has no header line was made by a template of mod_cdr_csv, mostly, which doubles no quote: a name that ends with one
 * takes the next field with it, and a last field the next row. Such rows are read as they were written.
 */
function* byHeader(row: CsvRow, names: Names, file: string): Generator<PlacedRow> {
  if (isWhole(row, names)) {
    yield row.isLoose ? asWritten(row, names, file) : named(row, names, file);
    return;
  }
  for (const [at, text] of row.text.split(/\r?\n/).entries()) {
    if (text === '') continue;
    const fields = rawFields(text, names.length);
    const line = { ...row, text, line: row.line + at };
    if (fields === undefined)
      yield { ...flawed(row, names, file), ...placeOf(line, file), row: { 0: decode(text) } };
    else yield named({ ...line, fields }, names, file);
  }
}

/** Its number of fields is right, which two quirks of one row may have made so. */
function asWritten(row: CsvRow, names: Names, file: string): PlacedRow {
  const fields = rawFields(row.text, names.length);
  if (fields !== undefined) return named({ ...row, fields }, names, file);
  return separatorsIn(row.text) < names.length ? named(row, names, file) : flawed(row, names, file);
}

function isWhole({ fields, isOpen }: CsvRow, names: Names): boolean {
  return !isOpen && fields.length === names.length;
}

function named(row: CsvRow, names: Names, file: string): PlacedRow {
  const fields = names.map((name, at) => [name, decode(row.fields[at] ?? '')] as const);
  return { row: Object.fromEntries(fields), ...placeOf(row, file) };
}

function flawed(row: CsvRow, names: Names, file: string): PlacedRow {
  const flaw = row.isOpen
    ? 'the file ends within a quoted field of this row: it may have been cut'
    : `quotes and commas of this row make it ${row.fields.length} fields, and there are ${names.length} names`;
  return { row: { ...row.fields.map(decode) }, ...placeOf(row, file), flaw };
}

function placeOf({ line, text }: CsvRow, file: string): { place: string; bytes: number } {
  return { place: `${file}:${line}`, bytes: text.length };
}

function withoutBom(text: string): string {
  if (UTF16_BOM.test(text)) throw new CodedError('csv-unreadable', 'the file is UTF-16: convert it to UTF-8');
  return text.startsWith(UTF8_BOM) ? text.slice(UTF8_BOM.length) : text;
}

/** Bytes as the text they are: UTF-8, else the encoding of Western Europe. */
function decode(field: string): string {
  const bytes = Buffer.from(field, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : WESTERN_EUROPEAN.decode(bytes);
}
