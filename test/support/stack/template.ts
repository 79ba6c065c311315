import { resolve } from 'node:path';
import { migrate } from '../../../libs/postgres/migrate.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';

const directory = resolve(import.meta.dirname, '../../../migrations');

/** Brings the database that tests are cloned from up to date, and leaves no connection to it. */
export async function migrateTemplate(connectionString: string): Promise<void> {
  const logger = createLogger({ service: 'test', level: 'warn' });
  await migrate({ connectionString, directory, logger });
}
