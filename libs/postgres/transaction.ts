import pg, { type Pool, type PoolClient } from 'pg';
import { CodedError } from '../errors/coded-error.ts';
import { hasSqlState, isConnectionError, isPartitionMade, SQL_STATE } from './sql-state.ts';

export interface TransactionOptions {
  isolation?: 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE';
  readOnly?: boolean;
  /** attempts after the first one when PostgreSQL ends it for a deadlock or a serialization failure, or a partition was made beside it (default 0) */
  retries?: number;
  /** called before each of these attempts: count it */
  onRetry?: (error: unknown) => void;
  /** settings of PostgreSQL for this transaction alone: constants of ours, not values from outside */
  settings?: Readonly<Record<string, string>>;
}

/**
 * Runs `fn` in one transaction on one connection: commits what resolves, rolls back what rejects and passes the
 * error on. A connection that cannot roll back is thrown away. Given a connection in place of a pool it joins the
 * transaction that is under way there.
 * @throws what `fn` throws; CodedError `transaction-aborted` when `fn` swallowed an error of a statement
 */
export async function transaction<T>(
  pool: Pool | PoolClient,
  fn: (client: PoolClient) => Promise<T>,
  { retries = 0, onRetry, ...options }: TransactionOptions = {},
): Promise<T> {
  if (pool instanceof pg.Client) return fn(pool as PoolClient);
  for (let left = retries; ; left--) {
    try {
      return await attempt(pool as Pool, fn, options);
    } catch (error) {
      if (left <= 0 || !mayRetry(error)) throw error;
      onRetry?.(error);
    }
  }
}

async function attempt<T>(
  pool: Pool,
  fn: (client: PoolClient) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(beginStatement(options));
    const result = await fn(client);
    await commit(client);
    return result;
  } catch (error) {
    // A server that did not answer will not answer a ROLLBACK either; it rolls back when the connection is gone.
    broken = isConnectionError(error) ? asError(error) : await rollBack(client);
    throw error;
  } finally {
    client.release(broken);
  }
}

/** One round trip, whatever the settings. */
function beginStatement({ isolation, readOnly, settings = {} }: TransactionOptions): string {
  const modes = [isolation && `ISOLATION LEVEL ${isolation}`, readOnly && 'READ ONLY'].filter(Boolean);
  const begin = ['BEGIN', modes.join(', ')].join(' ');
  return [begin, ...Object.entries(settings).map(([name, value]) => `SET LOCAL ${name} = ${value}`)].join(
    '; ',
  );
}

/** COMMIT of a transaction in which a statement failed is a rollback that PostgreSQL reports as a success. */
async function commit(client: PoolClient): Promise<void> {
  const { command } = await client.query('COMMIT');
  if (command !== 'COMMIT') {
    throw new CodedError('transaction-aborted', 'a statement failed, so the transaction was rolled back');
  }
}

async function rollBack(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (error) {
    return asError(error);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function mayRetry(error: unknown): boolean {
  return (
    hasSqlState(error, SQL_STATE.deadlockDetected) ||
    hasSqlState(error, SQL_STATE.serializationFailure) ||
    isPartitionMade(error)
  );
}
