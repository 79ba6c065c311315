import { CodedError } from '../errors/coded-error.ts';

/** The code of a value that cannot be written for PostgreSQL at all: the record that has it is at fault, not the database. */
export const VALUE_UNWRITABLE = 'value-unwritable';

/**
 * What `write` gives: the wire form of values, or a part of it.
 * @throws CodedError `value-unwritable` for whatever it throws: too deep, too long, or not of its type
 */
export function written<T>(write: () => T): T {
  try {
    return write();
  } catch (cause) {
    throw new CodedError(VALUE_UNWRITABLE, 'a value cannot be written for PostgreSQL', { cause });
  }
}

/** A value as JSON. @throws CodedError `value-unwritable` (nested too deeply, or longer than a string can be) */
export function jsonOf(value: unknown): string {
  return written(() => JSON.stringify(value));
}
