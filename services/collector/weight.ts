/** What V8 needs for an object or a list, for a property, and for a text besides its characters (64 bit, rounded). */
const OBJECT_BYTES = 56;
const PROPERTY_BYTES = 24;
const TEXT_BYTES = 24;
const NUMBER_BYTES = 8;

/** About how many bytes of memory a record takes: texts one byte a character, names of properties shared by all records. */
export function weigh(value: unknown): number {
  if (typeof value === 'string') return TEXT_BYTES + value.length;
  if (typeof value !== 'object' || value === null) return NUMBER_BYTES;
  let bytes = OBJECT_BYTES;
  for (const item of Object.values(value)) bytes += PROPERTY_BYTES + weigh(item);
  return bytes;
}
