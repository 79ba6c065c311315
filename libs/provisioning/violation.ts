import { DatabaseError } from 'pg';
import { CodedError } from '../errors/coded-error.ts';
import { SQL_STATE } from '../postgres/sql-state.ts';

/** What a refused write means, in the words of the trade. */
export interface ViolationMessages {
  /** the same thing is there already */
  exists: string;
  /** something it refers to is not there */
  missing?: string;
}

/**
 * Runs a write and turns what the database's constraints refuse into coded errors.
 * @throws CodedError `already-exists`, `not-found`, `value-refused`; other errors as they are
 */
export async function withViolations<T>(messages: ViolationMessages, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    throw toCoded(messages, cause) ?? cause;
  }
}

function toCoded(messages: ViolationMessages, cause: unknown): CodedError | undefined {
  if (!(cause instanceof DatabaseError)) return undefined;
  if (cause.code === SQL_STATE.uniqueViolation) return new CodedError('already-exists', messages.exists);
  if (cause.code === SQL_STATE.foreignKeyViolation) {
    return new CodedError('not-found', messages.missing ?? 'something it refers to does not exist');
  }
  if (cause.code === SQL_STATE.checkViolation) {
    return new CodedError('value-refused', `the database refuses a value: ${cause.message}`);
  }
  return undefined;
}
