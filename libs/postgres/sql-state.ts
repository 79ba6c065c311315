import pg from 'pg';

/** SQLSTATE codes that we act on, by name (PostgreSQL documentation, appendix A). */
export const SQL_STATE = {
  connectionException: '08000',
  connectionFailure: '08006',
  uniqueViolation: '23505',
  checkViolation: '23514',
  foreignKeyViolation: '23503',
  invalidPassword: '28P01',
  invalidAuthorization: '28000',
  undefinedDatabase: '3D000',
  serializationFailure: '40001',
  deadlockDetected: '40P01',
  undefinedTable: '42P01',
  undefinedColumn: '42703',
  undefinedFunction: '42883',
  invalidObjectDefinition: '42P17',
  duplicateTable: '42P07',
  readOnlyTransaction: '25006',
  diskFull: '53100',
  tooManyConnections: '53300',
  lockNotAvailable: '55P03',
  queryCanceled: '57014',
  adminShutdown: '57P01',
  crashShutdown: '57P02',
  cannotConnectNow: '57P03',
} as const;

/** SQLSTATE codes after which another attempt, later and on a new connection, may succeed. */
const AWAY = new Set<string>([
  SQL_STATE.readOnlyTransaction,
  SQL_STATE.diskFull,
  SQL_STATE.tooManyConnections,
  SQL_STATE.adminShutdown,
  SQL_STATE.crashShutdown,
  SQL_STATE.cannotConnectNow,
]);

/** Codes of Node for a peer that cannot be reached or went away. */
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNABORTED',
]);

/** What pg says without a code when a connection is lost or too slow. */
const LOST =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|not queryable|client was closed|connection timeout/i;

/** Whether `error` has this SQLSTATE. */
export function hasSqlState(error: unknown, state: string): boolean {
  return error instanceof Error && 'code' in error && error.code === state;
}

/**
 * Whether a row went to the default partition while a partition of its own was being made beside it, and was refused there when
 * that was ready: the same statement finds its place the next time. PostgreSQL words it in the server's language, so its function tells
 * it from a CHECK that the row violates.
 */
export function isPartitionMade(error: unknown): boolean {
  return (
    hasSqlState(error, SQL_STATE.checkViolation) &&
    error instanceof pg.DatabaseError &&
    error.routine === 'ExecPartitionCheckEmitError'
  );
}

/** Whether `error` says that the database is away (and not that the statement is wrong). */
export function isConnectionError(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isConnectionError);
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return AWAY.has(code) || NETWORK.has(code) || code.startsWith('08') || LOST.test(error.message);
}
