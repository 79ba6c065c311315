import { and, desc, eq, isNull, lt, lte, sql } from 'drizzle-orm';
import type { SearchDatabase } from './search-database.ts';
import { calls, type legs } from './tables.ts';

export type StoredCall = typeof calls.$inferSelect;
export type StoredLeg = typeof legs.$inferSelect;

export interface CallSearch {
  /** only calls older than this one, an id */
  olderThan?: string | undefined;
  /** only this tenant's; undefined: all */
  tenant?: string | undefined;
  limit: number;
}

/** The start that an id carries: it names the partition. */
const startOf = (id: string) => sql`call_id_start(${id}::uuid)`;

/** Calls, newest first. Ids that were superseded are none. */
export async function listCalls(
  database: SearchDatabase,
  { olderThan, tenant, limit }: CallSearch,
): Promise<StoredCall[]> {
  const isOlder =
    olderThan === undefined
      ? undefined
      : and(lt(calls.id, olderThan), lte(calls.start_us, startOf(olderThan)));
  return await database
    .select()
    .from(calls)
    .where(and(isNull(calls.merged_into), isOlder, isOf(tenant)))
    .orderBy(desc(calls.id))
    .limit(limit);
}

const isOf = (tenant: string | undefined) => (tenant === undefined ? undefined : eq(calls.tenant, tenant));
