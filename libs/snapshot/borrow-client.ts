import type { Pool, PoolClient } from 'pg';
import { CodedError } from '../errors/coded-error.ts';

/**
 * Runs `fn` on a connection of the pool for at most `ms` milliseconds; a connection that failed or took longer is
 * thrown away, so that a server which stopped answering holds up nobody.
 * @throws what `fn` throws; CodedError `database-timeout`
 */
export async function borrowClient<T>(
  pool: Pool,
  ms: number,
  fn: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new CodedError('database-timeout', `the database did not answer within ${ms} ms`)),
    ms,
  );
  try {
    const client = await connect(pool, late.promise);
    return await run(client, fn, late.promise);
  } finally {
    clearTimeout(timer);
  }
}

async function connect(pool: Pool, late: Promise<never>): Promise<PoolClient> {
  const connecting = pool.connect();
  try {
    return await Promise.race([connecting, late]);
  } catch (error) {
    // It may still connect after nobody waits for it: then the pool gets it back.
    connecting.then(
      (client) => client.release(),
      () => undefined,
    );
    throw error;
  }
}

async function run<T>(
  client: PoolClient,
  fn: (client: PoolClient) => Promise<T>,
  late: Promise<never>,
): Promise<T> {
  const running = fn(client);
  try {
    const result = await Promise.race([running, late]);
    client.release();
    return result;
  } catch (error) {
    running.catch(() => undefined);
    client.release(true);
    throw error;
  }
}
