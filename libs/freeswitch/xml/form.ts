/** Five fields that FreeSWITCH writes first and does not encode. */
const BASE_FIELDS = new Set(['hostname', 'section', 'tag_name', 'key_name', 'key_value']);

/** More fields than any channel has; a body with more is refused. */
export const MAX_FIELDS = 5_000;

/** The fields of one mod_xml_curl request. */
export type LookupForm = {
  /** The first occurrence of a field, decoded; `undefined` when it is absent. */
  get(name: string): string | undefined;
  /** Every occurrence of a field, decoded, in order. */
  all(name: string): string[];
  /** Whether a field stands there with two values: somebody else may have put one of them in. */
  isAmbiguous(name: string): boolean;
  /** The places, from 0, at which a field of this name stands. */
  placesOf(name: string): number[];
  /** The field at a place, decoded; `undefined` when another one, or none, stands there. */
  at(place: number, name: string): string | undefined;
  /** Field names and raw values in order, for who needs all of them. */
  readonly fields: readonly Field[];
};

type Field = readonly [name: string, raw: string];

/**
 * Reads the body of a mod_xml_curl request and never throws: a stray `%` stands for itself (FreeSWITCH leaves an
 * existing `%XX` alone, so decoding is ambiguous anyway), `+` is a plus (spaces come as `%20`), the base fields are
 * taken as they stand, and the first occurrence of a field wins. Returns `undefined` above MAX_FIELDS.
 */
export function parseLookupForm(body: string): LookupForm | undefined {
  const marks = markFields(body);
  return marks && new MarkedForm(body, marks);
}

/**
 * Where each field's name begins and ends and its value ends, three numbers a field. A lookup needs ten of forty fields:
 * cutting all of them out of the body costs more than everything else about it.
 */
function markFields(body: string): number[] | undefined {
  const marks: number[] = [];
  let equals = -1;
  for (let at = 0; at < body.length; ) {
    if (marks.length === 3 * MAX_FIELDS) return undefined;
    const ampersand = body.indexOf('&', at);
    const end = ampersand < 0 ? body.length : ampersand;
    if (equals < at) equals = body.indexOf('=', at);
    if (equals < 0) equals = body.length;
    marks.push(at, Math.min(equals, end), end);
    at = end + 1;
  }
  return marks;
}

class MarkedForm implements LookupForm {
  readonly #body: string;
  readonly #marks: readonly number[];

  constructor(body: string, marks: readonly number[]) {
    this.#body = body;
    this.#marks = marks;
  }

  get(name: string): string | undefined {
    const mark = this.#find(name, 0);
    return mark < 0 ? undefined : this.#value(mark, name);
  }

  all(name: string): string[] {
    return this.#marksOf(name).map((mark) => this.#value(mark, name));
  }

  isAmbiguous(name: string): boolean {
    const first = this.#find(name, 0);
    if (first < 0) return false;
    for (let mark = this.#find(name, first + 3); mark >= 0; mark = this.#find(name, mark + 3)) {
      if (this.#value(mark, name) !== this.#value(first, name)) return true;
    }
    return false;
  }

  placesOf(name: string): number[] {
    return this.#marksOf(name).map((mark) => mark / 3);
  }

  at(place: number, name: string): string | undefined {
    return this.#isNamed(3 * place, name) ? this.#value(3 * place, name) : undefined;
  }

  get fields(): readonly Field[] {
    const fields: Field[] = [];
    for (let mark = 0; mark < this.#marks.length; mark += 3) {
      fields.push([this.#body.slice(this.#marks[mark], this.#marks[mark + 1]), this.#raw(mark)]);
    }
    return fields;
  }

  #marksOf(name: string): number[] {
    const found: number[] = [];
    for (let mark = this.#find(name, 0); mark >= 0; mark = this.#find(name, mark + 3)) found.push(mark);
    return found;
  }

  /** The first mark of a field of this name, from a mark on; -1: there is none. */
  #find(name: string, from: number): number {
    for (let mark = from; mark < this.#marks.length; mark += 3) {
      if (this.#isNamed(mark, name)) return mark;
    }
    return -1;
  }

  #isNamed(mark: number, name: string): boolean {
    const begin = this.#marks[mark] ?? 0;
    const length = (this.#marks[mark + 1] ?? -1) - begin;
    return length === name.length && this.#body.startsWith(name, begin);
  }

  /** A name without `=` has no value. */
  #raw(mark: number): string {
    return this.#body.slice((this.#marks[mark + 1] ?? 0) + 1, this.#marks[mark + 2]);
  }

  #value(mark: number, name: string): string {
    return BASE_FIELDS.has(name) ? this.#raw(mark) : decodeValue(this.#raw(mark));
  }
}

/** Percent-decodes what is percent-encoded; bytes that are no UTF-8 become U+FFFD. */
export function decodeValue(raw: string): string {
  if (!raw.includes('%')) return raw;
  const bytes = Buffer.from(raw, 'utf8');
  let length = 0;
  for (let index = 0; index < bytes.length; index += 1, length += 1) {
    const byte = bytes[index] ?? 0;
    const high = byte === 0x25 ? hexDigit(bytes[index + 1]) : -1;
    const low = high < 0 ? -1 : hexDigit(bytes[index + 2]);
    if (low < 0) {
      bytes[length] = byte;
    } else {
      bytes[length] = high * 16 + low;
      index += 2;
    }
  }
  return bytes.toString('utf8', 0, length);
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
