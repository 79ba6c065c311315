import { DrizzleQueryError } from 'drizzle-orm';
import { CodedError } from '../../libs/errors/coded-error.ts';
import { HttpError } from '../../libs/http/problem.ts';
import { hasSqlState, isConnectionError, SQL_STATE } from '../../libs/postgres/sql-state.ts';

/** The codes of our rules, and the status each one is. */
const STATUS: Readonly<Record<string, number>> = {
  'value-refused': 422,
  'already-exists': 409,
  'not-found': 404,
  'cursor-invalid': 400,
};

/** What a client is told of an error that is not about HTTP; others as they are. */
export function explainError(failure: unknown): unknown {
  // drizzle wraps what pg throws
  const error = failure instanceof DrizzleQueryError ? failure.cause : failure;
  return explainRule(error) ?? explainDatabase(error) ?? failure;
}

function explainRule(error: unknown): HttpError | undefined {
  if (!(error instanceof CodedError) || error instanceof HttpError) return undefined;
  const status = STATUS[error.code];
  if (status === undefined) return undefined;
  const field = error.details?.['field'];
  const errors = field === undefined ? {} : { errors: [{ field: String(field), reason: error.message }] };
  return new HttpError(status, error.code, error.message, { cause: error, ...errors });
}

/** A search that ran out of time must never look like an empty one. */
function explainDatabase(error: unknown): HttpError | undefined {
  if (isConnectionError(error)) {
    return new HttpError(503, 'database-unavailable', 'the database cannot be reached just now', {
      cause: error,
      retryAfter: 5,
    });
  }
  if (hasSqlState(error, SQL_STATE.queryCanceled)) {
    return new HttpError(503, 'search-timed-out', 'the search ran out of time: ask for less', {
      cause: error,
      retryAfter: 1,
    });
  }
  return undefined;
}
