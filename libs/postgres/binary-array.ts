import { written } from './unwritable-value.ts';

/** Object ids of element types (pg_type.dat). */
const BYTEA = 17;
const TEXT = 25;
const INT8 = 20;

const HEADER = 20;
const NULL = -1;

/** The bytes of a text that is a string, or UTF-8 already. */
export function byteLengthOf(text: string | Buffer): number {
  return typeof text === 'string' ? Buffer.byteLength(text) : text.length;
}

/**
 * A `text[]` in PostgreSQL's binary form (array_recv): pg sends a Buffer as binary, so nothing is escaped here and
 * nothing unescaped there, which is most of the work for large JSON. A Buffer among the values is UTF-8.
 * @throws CodedError `value-unwritable`
 */
export function textArray(values: readonly (string | Buffer | null)[]): Buffer {
  return written(() => arrayOf(TEXT, values));
}

/** A `bytea[]` in PostgreSQL's binary form. @throws CodedError `value-unwritable` */
export function byteaArray(values: readonly Buffer[]): Buffer {
  return written(() => arrayOf(BYTEA, values));
}

function arrayOf(type: number, values: readonly (string | Buffer | null)[]): Buffer {
  const sizes = values.map((value) => (value === null ? NULL : byteLengthOf(value)));
  const size = sizes.reduce((sum, bytes) => sum + 4 + Math.max(0, bytes), HEADER);
  const array = header(type, { size, count: values.length, hasNull: sizes.includes(NULL) });
  let at = HEADER;
  for (const [i, value] of values.entries()) {
    at = array.writeInt32BE(sizes[i] ?? NULL, at);
    if (value !== null) at += typeof value === 'string' ? array.write(value, at) : value.copy(array, at);
  }
  return array;
}

/** A `bigint[]` of whole numbers in PostgreSQL's binary form. @throws CodedError `value-unwritable` where one is no bigint */
export function bigintArray(values: readonly number[]): Buffer {
  return written(() => bigintsOf(values));
}

function bigintsOf(values: readonly number[]): Buffer {
  const size = HEADER + 12 * values.length;
  const array = header(INT8, { size, count: values.length, hasNull: false });
  let at = HEADER;
  for (const value of values) {
    if (!Number.isInteger(value)) throw new RangeError('a bigint is a whole number');
    at = array.writeInt32BE(8, at);
    at = array.writeInt32BE(Math.floor(value / 2 ** 32), at);
    at = array.writeUInt32BE(value - Math.floor(value / 2 ** 32) * 2 ** 32, at);
  }
  return array;
}

function header(
  type: number,
  { size, count, hasNull }: { size: number; count: number; hasNull: boolean },
): Buffer {
  const array = Buffer.allocUnsafe(size);
  array.writeInt32BE(1, 0); // dimensions
  array.writeInt32BE(hasNull ? 1 : 0, 4);
  array.writeInt32BE(type, 8);
  array.writeInt32BE(count, 12);
  array.writeInt32BE(1, 16); // lower bound
  return array;
}
