import { fileURLToPath } from 'node:url';
import type { Clock } from '../clock/clock.ts';
import { checkDatabase, type Database } from '../postgres/database.ts';
import { waitForSchema } from '../postgres/schema.ts';
import type { Logger } from '../telemetry/logger.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/**
 * Waits for the migrations when the database answers at all; when it is away, a service that has a snapshot on disk
 * starts from that. @throws CodedError `schema-not-ready`
 */
export async function waitForSchemaIfReachable(options: {
  database: Pick<Database, 'write'>;
  clock: Clock;
  logger: Logger;
}): Promise<void> {
  const isReachable = await checkDatabase(options.database).then(
    () => true,
    () => false,
  );
  if (isReachable) await waitForSchema({ ...options, directory: MIGRATIONS });
}
