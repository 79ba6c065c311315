import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import type { Pool } from 'pg';

/** What the api's searches run on. Only the api and the cli use drizzle: importing it costs what hot services can't spare. */
export type SearchDatabase = NodePgDatabase;

/** Searches over a pool (a replica's, where there is one). */
export function searchDatabase(pool: Pool): SearchDatabase {
  return drizzle({ client: pool });
}
