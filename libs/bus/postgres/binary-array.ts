/** Object id of type `text` (pg_type.dat). */
const TEXT = 25;
const HEADER = 20;

/**
 * A `text[]` in PostgreSQL's binary form (array_recv): pg sends a Buffer as binary, so nothing is escaped here and
 * nothing unescaped there, which is most of the work for large JSON.
 */
export function textArray(values: readonly Buffer[]): Buffer {
  const size = values.reduce((sum, value) => sum + 4 + value.length, HEADER);
  const array = Buffer.allocUnsafe(size);
  array.writeInt32BE(1, 0); // dimensions
  array.writeInt32BE(0, 4); // no nulls
  array.writeInt32BE(TEXT, 8);
  array.writeInt32BE(values.length, 12);
  array.writeInt32BE(1, 16); // lower bound
  let at = HEADER;
  for (const value of values) {
    at = array.writeInt32BE(value.length, at);
    at += value.copy(array, at);
  }
  return array;
}
