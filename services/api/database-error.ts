import { DrizzleQueryError } from 'drizzle-orm';
import { HttpError } from '../../libs/http/problem.ts';
import { hasSqlState, isConnectionError, SQL_STATE } from '../../libs/postgres/sql-state.ts';

/** What a client is told when PostgreSQL did not answer: a search that ran out of time must never look like an empty one. */
export function explainDatabaseError(failure: unknown): unknown {
  // drizzle wraps what pg throws
  const error = failure instanceof DrizzleQueryError ? failure.cause : failure;
  if (isConnectionError(error)) {
    return new HttpError(503, 'database-unavailable', 'the database cannot be reached just now', {
      cause: error,
      retryAfter: 5,
    });
  }
  if (hasSqlState(error, SQL_STATE.queryCanceled)) {
    return new HttpError(503, 'search-timed-out', 'the search ran out of time: ask for less', {
      cause: error,
    });
  }
  return failure;
}
