import { fileURLToPath } from 'node:url';
import { checkDatabase, type Database } from '../postgres/database.ts';
import { requireSchema } from '../postgres/schema.ts';
import { isDoneWithin } from './done-within.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Who waits longer for an answer waits for a database that is away. */
const ANSWER_MS = 3_000;

/**
 * Wants the migrations when the database answers at all; when it is away, a service that has a snapshot on disk starts
 * from that. @throws CodedError `schema-not-ready`, `database-unavailable`
 */
export async function requireSchemaIfReachable(database: Pick<Database, 'write'>): Promise<void> {
  const isReachable = await isDoneWithin(ANSWER_MS, checkDatabase(database)).catch(() => false);
  if (isReachable) await requireSchema(database, MIGRATIONS);
}
