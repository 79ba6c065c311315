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
  /** Field names and raw values in order, for who needs positions. */
  readonly fields: readonly (readonly [name: string, raw: string])[];
};

/**
 * Reads the body of a mod_xml_curl request and never throws: a stray `%` stands for itself (FreeSWITCH leaves an
 * existing `%XX` alone, so decoding is ambiguous anyway), `+` is a plus (spaces come as `%20`), the base fields are
 * taken as they stand, and the first occurrence of a field wins. Returns `undefined` above MAX_FIELDS.
 */
export function parseLookupForm(body: string): LookupForm | undefined {
  const fields: (readonly [string, string])[] = [];
  const first = new Map<string, string>();
  let start = 0;
  while (start < body.length) {
    if (fields.length === MAX_FIELDS) return undefined;
    const ampersand = body.indexOf('&', start);
    const end = ampersand < 0 ? body.length : ampersand;
    const equals = body.indexOf('=', start);
    const nameEnd = equals < 0 || equals > end ? end : equals;
    const name = body.slice(start, nameEnd);
    const raw = body.slice(Math.min(nameEnd + 1, end), end);
    fields.push([name, raw]);
    if (!first.has(name)) first.set(name, raw);
    start = end + 1;
  }
  const decode = (name: string, raw: string) => (BASE_FIELDS.has(name) ? raw : decodeValue(raw));
  return {
    fields,
    get: (name) => {
      const raw = first.get(name);
      return raw === undefined ? undefined : decode(name, raw);
    },
    all: (name) => fields.filter((field) => field[0] === name).map((field) => decode(name, field[1])),
  };
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
