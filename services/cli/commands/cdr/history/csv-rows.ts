import { createReadStream } from 'node:fs';
import { CodedError } from '../../../../../libs/errors/coded-error.ts';
import type { HistoryRow } from './row-document.ts';

/** A field longer than this is a quote that was never closed. */
const LONGEST_FIELD = 1024 * 1024;

/** Where a reader of RFC 4180 stands between two chunks. */
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
      if (character === '"') {
        this.#add('"');
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
 * The rows of a CSV file by the names of its header line, or of `header` where the file has none.
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
      if (row.length === 1 && row[0] === '') continue;
      if (names === undefined) names = row;
      else yield Object.fromEntries(names.map((name, at) => [name, row[at] ?? '']));
    }
  }
  for await (const chunk of createReadStream(file, { encoding: 'utf8' }))
    yield* named(reader.read(chunk as string));
  yield* named(reader.end());
}
