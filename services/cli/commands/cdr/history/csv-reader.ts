import { CodedError } from '../../../../../libs/errors/coded-error.ts';

/** A field longer than this is a quote that was never closed. */
const LONGEST_FIELD = 1024 * 1024;

/** One row of a CSV file. */
export interface CsvRow {
  fields: string[];
  /** as it stands in the file, without its line end */
  text: string;
  /** its first line in the file, from 1 */
  line: number;
  /** the file ends within a quoted field */
  isOpen: boolean;
  /** a quote within a quoted field is not doubled: who wrote it does not keep to RFC 4180 */
  isLoose: boolean;
}

/**
 * Where a reader of RFC 4180 stands between two chunks. A quote within a quoted field that is not doubled is a part of it
 * unless a comma or a line's end follows: mod_cdr_csv writes a caller's name as it came.
 */
export class CsvReader {
  #field = '';
  #row: string[] = [];
  #text = '';
  #line = 1;
  #nextLine = 1;
  #quoted = false;
  #afterQuote = false;
  #isLoose = false;

  /** The rows that this text completes. @throws CodedError `csv-unreadable` */
  *read(text: string): Generator<CsvRow> {
    for (const character of text) {
      if (character === '\n') this.#nextLine += 1;
      if (this.#take(character)) yield this.#endRow();
      else this.#text += character;
    }
  }

  /** The last row, when no line end follows it. */
  *end(): Generator<CsvRow> {
    if (this.#text !== '') yield this.#endRow();
  }

  /** Whether the row ends here. */
  #take(character: string): boolean {
    if (this.#quoted && !this.#afterQuote) {
      if (character === '"') this.#afterQuote = true;
      else this.#add(character);
      return false;
    }
    if (this.#afterQuote) {
      this.#afterQuote = false;
      if (!/[,\r\n]/.test(character)) {
        this.#isLoose ||= character !== '"';
        this.#add(character === '"' ? '"' : `"${character}`);
        return false;
      }
      this.#quoted = false;
    }
    if (character === '"' && this.#field === '') this.#quoted = true;
    else if (character === ',') this.#endField();
    else if (character === '\n') return true;
    else if (character !== '\r') this.#add(character);
    return false;
  }

  #add(character: string): void {
    this.#field += character;
    if (this.#field.length > LONGEST_FIELD) throw new CodedError('csv-unreadable', 'a quote is never closed');
  }

  #endField(): void {
    this.#row.push(this.#field);
    this.#field = '';
  }

  #endRow(): CsvRow {
    this.#endField();
    const row = {
      fields: this.#row,
      text: this.#text.endsWith('\r') ? this.#text.slice(0, -1) : this.#text,
      line: this.#line,
      isOpen: this.#quoted && !this.#afterQuote,
      isLoose: this.#isLoose,
    };
    this.#row = [];
    this.#text = '';
    this.#line = this.#nextLine;
    this.#quoted = false;
    this.#afterQuote = false;
    this.#isLoose = false;
    return row;
  }
}
