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
  /** All of it as it was sent, with an ampersand before each field: to search in. */
  readonly text: string;
  /** Field names and raw values in order, for who needs positions. */
  readonly fields: readonly (readonly [name: string, raw: string])[];
};

/**
 * Reads the body of a mod_xml_curl request and never throws: a stray `%` stands for itself (FreeSWITCH leaves an
 * existing `%XX` alone, so decoding is ambiguous anyway), `+` is a plus (spaces come as `%20`), the base fields are
 * taken as they stand, and the first occurrence of a field wins. Returns `undefined` above MAX_FIELDS.
 */
export function parseLookupForm(body: string): LookupForm | undefined {
  if (!hasFewFields(body)) return undefined;
  const text = `&${body}`;
  const decode = (name: string, raw: string) => (BASE_FIELDS.has(name) ? raw : decodeValue(raw));
  let fields: readonly Field[] | undefined;
  return {
    text,
    get fields() {
      fields ??= splitFields(body);
      return fields;
    },
    get: (name) => {
      const found = nextField(text, name, 0);
      return found && decode(name, found.raw);
    },
    all: (name) => {
      const values: string[] = [];
      let found = nextField(text, name, 0);
      for (; found !== undefined; found = nextField(text, name, found.end))
        values.push(decode(name, found.raw));
      return values;
    },
  };
}

type Field = readonly [name: string, raw: string];

function hasFewFields(body: string): boolean {
  let count = body.endsWith('&') ? 0 : 1;
  for (let at = body.indexOf('&'); at >= 0; at = body.indexOf('&', at + 1)) {
    count += 1;
    if (count > MAX_FIELDS) return false;
  }
  return true;
}

/** Searches the text as it is: a lookup needs ten of forty fields, and splitting all of them costs more than all else. */
function nextField(text: string, name: string, from: number): { raw: string; end: number } | undefined {
  const start = `&${name}`;
  for (let at = text.indexOf(start, from); at >= 0; at = text.indexOf(start, at + 1)) {
    const after = at + start.length;
    const separator = text[after];
    if (separator !== '=' && separator !== '&' && separator !== undefined) continue;
    const ampersand = text.indexOf('&', after);
    const end = ampersand < 0 ? text.length : ampersand;
    return { raw: text.slice(Math.min(after + 1, end), end), end };
  }
  return undefined;
}

function splitFields(body: string): Field[] {
  const fields = body.split('&');
  if (fields.at(-1) === '') fields.pop();
  return fields.map((field): Field => {
    const equals = field.indexOf('=');
    return equals < 0 ? [field, ''] : [field.slice(0, equals), field.slice(equals + 1)];
  });
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
