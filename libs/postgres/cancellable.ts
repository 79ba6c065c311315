import pg, { type Pool, type PoolClient } from 'pg';
import { CodedError } from '../errors/coded-error.ts';
import { isConnectionError } from './sql-state.ts';

const CANCEL_MS = 5_000;

/** A connection for one question: its statements have limits of their own, and can be cancelled. */
export interface CancellableClient {
  client: PoolClient;
  /** limit of the statements from now on, milliseconds */
  limit(ms: number): Promise<void>;
}

/**
 * Runs `fn` on one connection of a pool. When the signal aborts, PostgreSQL is told to cancel what runs, and the connection
 * is thrown away once both are done: a late cancellation never hits the question of somebody else.
 * @throws CodedError `cancelled`; what `fn` throws
 */
export async function cancellable<T>(
  pool: Pool,
  signal: AbortSignal | undefined,
  fn: (connection: CancellableClient) => Promise<T>,
): Promise<T> {
  refuseAborted(signal);
  const client = await pool.connect();
  let cancelling: Promise<void> | undefined;
  let pid = 0;
  const onAbort = () => {
    if (pid !== 0) cancelling ??= cancelBackend(pool, pid);
  };
  let broken: Error | undefined;
  try {
    pid = await backendOf(client);
    signal?.addEventListener('abort', onAbort, { once: true });
    refuseAborted(signal);
    return await fn({ client, limit: (ms) => limitStatements(client, ms) });
  } catch (error) {
    if (error instanceof Error && isConnectionError(error)) broken = error;
    if (signal?.aborted) throw cancelled(error);
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await cancelling;
    // not waited for: the answer is there
    void giveBack(client, cancelling === undefined ? broken : cancelled());
  }
}

function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled();
}

const cancelled = (cause?: unknown) =>
  new CodedError('cancelled', 'nobody waits for the answer any more', { cause });

/** A connection keeps its backend: it is asked once. */
const backends = new WeakMap<PoolClient, number>();

async function backendOf(client: PoolClient): Promise<number> {
  const known = backends.get(client);
  if (known !== undefined) return known;
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const pid = rows[0]?.pid ?? 0;
  backends.set(client, pid);
  return pid;
}

async function limitStatements(client: PoolClient, ms: number): Promise<void> {
  await client.query(`select set_config('statement_timeout', $1, false)`, [
    String(Math.max(1, Math.ceil(ms))),
  ]);
}

/** Tells PostgreSQL to cancel what a backend does. On a connection of its own: those of the pool may all be busy with what is to be cancelled. */
export async function cancelBackend(pool: Pool, pid: number): Promise<void> {
  const client = new pg.Client({
    ...pool.options,
    application_name: 'switchfleet cancel',
    connectionTimeoutMillis: CANCEL_MS,
    query_timeout: CANCEL_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select pg_cancel_backend($1)', [pid]);
  } catch {
    // What cannot be cancelled ends at its own limit.
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** As it was taken: the pool's limit holds again for whoever is next. */
async function giveBack(client: PoolClient, broken: Error | undefined): Promise<void> {
  if (broken !== undefined) {
    client.release(broken);
    return;
  }
  try {
    await client.query('reset statement_timeout');
    client.release();
  } catch (error) {
    client.release(error instanceof Error ? error : true);
  }
}
