import { DrizzleQueryError } from 'drizzle-orm';
import { CodedError } from '../../libs/errors/coded-error.ts';
import type { CdrRejectReason } from '../../libs/freeswitch/cdr/cdr-rejection.ts';
import { type FieldError, HttpError } from '../../libs/http/problem.ts';
import { hasSqlState, isConnectionError, SQL_STATE } from '../../libs/postgres/sql-state.ts';

/** Of a stored CDR that this release does not read: the question without `decoded` gives it byte for byte. */
const UNREADABLE: Readonly<Record<CdrRejectReason, number>> = {
  'cdr-empty': 422,
  'cdr-unrecognised': 422,
  'cdr-truncated': 422,
  'cdr-malformed': 422,
  'cdr-ambiguous': 422,
  'cdr-no-uuid': 422,
  'cdr-no-start': 422,
};

/** The codes of our rules, and the status each one is. */
const STATUS: Readonly<Record<string, number>> = {
  ...UNREADABLE,
  'value-refused': 422,
  'already-exists': 409,
  'not-found': 404,
  'in-use': 409,
  'reject-busy': 409,
  'csv-invalid': 400,
  'import-too-large': 413,
  'version-differs': 412,
  'idempotency-key-reused': 422,
  'cursor-invalid': 400,
  'number-invalid': 400,
  'time-zone-invalid': 400,
  'span-invalid': 400,
  'span-too-long': 400,
  'report-combination': 400,
  'bus-unavailable': 503,
  'bus-overloaded': 503,
  'record-too-large': 413,
  // of the store, for somebody to mend: no other question of the client would help
  'dictionary-missing': 500,
  'document-damaged': 500,
  // nobody reads it: the client closed the request
  cancelled: 499,
};

/** What a client is told of an error that is not about HTTP; others as they are. */
export function explainError(failure: unknown): unknown {
  // drizzle wraps what pg throws
  const error = failure instanceof DrizzleQueryError ? failure.cause : failure;
  return explainRule(error) ?? explainDatabase(error) ?? failure;
}

function explainRule(error: unknown): HttpError | undefined {
  if (!(error instanceof CodedError) || error instanceof HttpError) return undefined;
  if (error.code === 'search-timed-out') return timedOut(error);
  const status = STATUS[error.code];
  if (status === undefined) return undefined;
  const { code, message, details } = error;
  const told = details?.['current'] === undefined ? {} : { details: { ...details } };
  return new HttpError(status, code, message, { cause: error, ...told, ...fieldErrors(error) });
}

function fieldErrors({ message, details }: CodedError): { errors?: FieldError[] } {
  if (Array.isArray(details?.['errors'])) return { errors: details['errors'] as FieldError[] };
  const field = details?.['field'];
  return field === undefined ? {} : { errors: [{ field: String(field), reason: message }] };
}

/** A search that ran out of time must never look like an empty one. */
function explainDatabase(error: unknown): HttpError | undefined {
  if (isConnectionError(error)) {
    return new HttpError(503, 'database-unavailable', 'the database cannot be reached just now', {
      cause: error,
      retryAfter: 5,
    });
  }
  // two files, or a file and a change, that lock the same rows in another order: one of them gives way
  if (hasSqlState(error, SQL_STATE.deadlockDetected)) {
    return new HttpError(503, 'changes-collide', 'somebody else is changing the same things: ask again', {
      cause: error,
      retryAfter: 1,
    });
  }
  return hasSqlState(error, SQL_STATE.queryCanceled) || hasSqlState(error, SQL_STATE.lockNotAvailable)
    ? timedOut(error)
    : undefined;
}

function timedOut(cause: unknown): HttpError {
  return new HttpError(503, 'search-timed-out', 'the search ran out of time: ask for less', {
    cause,
    retryAfter: 1,
  });
}
