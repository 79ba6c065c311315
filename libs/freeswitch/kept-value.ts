/** Callers choose header values, and a dialplan may set anything: what is kept beside the document is cut at these. */
export const MAX_VALUE_LENGTH = 2_048;
export const MAX_NAME_LENGTH = 256;
export const MAX_LIST_LENGTH = 512;
export const MAX_KEPT_VARIABLES = 512;
/** Indexed by PostgreSQL, whose index rows end at 2,704 bytes; whoever sends a longer number shall not evade the index. */
export const MAX_FIELD_LENGTH = 512;

/** A variable's value as records carry it: bounded, and without NUL, which PostgreSQL's text and jsonb cannot hold. */
export function keptValue(value: string | readonly string[]): string | string[] {
  return typeof value === 'string'
    ? keptText(value)
    : value.slice(0, MAX_LIST_LENGTH).map((item) => keptText(item));
}

/** One text, bounded and without NUL or a lone surrogate (which jsonb refuses as well). */
export function keptText(value: string, maxLength = MAX_VALUE_LENGTH): string {
  const cut = value.length > maxLength ? copyOf(value.slice(0, maxLength)) : value;
  return (cut.includes('\0') ? cut.replaceAll('\0', '') : cut).toWellFormed();
}

const LATIN1 = /^[\0-\xff]*$/;

/** The one string that V8 keeps of a name: maps and objects find it at once, and no text is kept for it. */
export function nameOf(slice: string): string {
  return Object.keys({ [slice]: 0 })[0] ?? slice;
}

/** V8's slice keeps the whole text in memory for as long as the slice is kept: this one does not. */
export function copyOf(slice: string): string {
  const encoding = LATIN1.test(slice) ? 'latin1' : 'utf16le';
  return Buffer.from(slice, encoding).toString(encoding);
}

/** FreeSWITCH's text form of an array, `ARRAY::a|:b`, as a list; any other text as it is. */
export function readArray(value: string): string | string[] {
  return value.startsWith('ARRAY::') ? value.slice('ARRAY::'.length).split('|:') : value;
}
