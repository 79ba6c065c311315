import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { CodedError } from '../../../../../libs/errors/coded-error.ts';
import type { HistoryRow } from './row-document.ts';

/** A field longer than this is a quote that was never closed. */
const LONGEST_FIELD = 1024 * 1024;
const UTF8_BOM = '\u00ef\u00bb\u00bf';
/** What a Latin-1 file nearly always is. */
const WESTERN_EUROPEAN = new TextDecoder('windows-1252');
const UTF16_BOM = /^(?:\u00ff\u00fe|\u00fe\u00ff)/;

/**
 * Where a reader of RFC 4180 stands between two chunks. A quote within a quoted field that is not doubled is a part of it
 * unless a comma or a line's end follows: mod_cdr_csv writes a caller's name as it came.
 */
class CsvReader {
  #field = '';
  #row: string[] = [];
  #quoted = false;
  #afterQuote = false;

  /** The rows that this text completes. @throws CodedError `csv-unreadable` */
  *read(text: string): Generator<string[]> {
    for (const character of text) {
      const row = this.#take(character);
      if (row !== undefined) yield row;
    }
  }

  /** The last row, when no line end follows it. */
  *end(): Generator<string[]> {
    if (this.#field !== '' || this.#row.length > 0) yield this.#endRow();
  }

  #take(character: string): string[] | undefined {
    if (this.#quoted && !this.#afterQuote) {
      if (character === '"') this.#afterQuote = true;
      else this.#add(character);
      return undefined;
    }
    if (this.#afterQuote) {
      this.#afterQuote = false;
      if (!/[,\r\n]/.test(character)) {
        this.#add(character === '"' ? '"' : `"${character}`);
        return undefined;
      }
      this.#quoted = false;
    }
    if (character === '"' && this.#field === '') this.#quoted = true;
    else if (character === ',') this.#endField();
    else if (character === '\n') return this.#endRow();
    else if (character !== '\r') this.#add(character);
    return undefined;
  }

  #add(character: string): void {
    this.#field += character;
    if (this.#field.length > LONGEST_FIELD) throw new CodedError('csv-unreadable', 'a quote is never closed');
  }

  #endField(): void {
    this.#row.push(this.#field);
    this.#field = '';
  }

  #endRow(): string[] {
    this.#endField();
    const row = this.#row;
    this.#row = [];
    this.#quoted = false;
    this.#afterQuote = false;
    return row;
  }
}

/**
 * The rows of a CSV file by the names of its header line, or of `header` where the file has none. A row that has more or
 * fewer fields than the header line says keeps them by number: nobody knows which is which.
 * @throws CodedError `csv-unreadable`, or what the file system says
 */
export async function* csvRows(
  file: string,
  header: readonly string[] | undefined,
): AsyncGenerator<HistoryRow> {
  const reader = new CsvReader();
  let names = header;
  function* named(rows: Iterable<string[]>): Generator<HistoryRow> {
    for (const row of rows) {
      const fields = row.map(decode);
      if (fields.length === 1 && fields[0] === '') continue;
      if (names === undefined) names = fields;
      else if (header === undefined && fields.length !== names.length) yield { ...fields };
      else yield Object.fromEntries(names.map((name, at) => [name, fields[at] ?? '']));
    }
  }
  // As bytes: one file may hold rows in several encodings, and what divides fields is ASCII in all that is read here.
  let isFirst = true;
  for await (const chunk of createReadStream(file, { encoding: 'latin1' })) {
    yield* named(reader.read(isFirst ? withoutBom(chunk as string) : (chunk as string)));
    isFirst = false;
  }
  yield* named(reader.end());
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
