import { and, desc, eq, gte, inArray, isNull, lt, lte, sql } from 'drizzle-orm';
import type { SearchDatabase } from './search-database.ts';
import { calls, legs } from './tables.ts';

export type StoredCall = typeof calls.$inferSelect;
export type StoredLeg = typeof legs.$inferSelect;

export interface CallSearch {
  /** only calls older than this one, an id */
  olderThan?: string | undefined;
  /** only this tenant's; undefined: all */
  tenant?: string | undefined;
  limit: number;
}

/** An id superseded twice or more is followed this far. */
const LONGEST_CHAIN = 16;

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

/** The call of this id, or the one it was merged into. */
export async function findCall(database: SearchDatabase, id: string): Promise<StoredCall | undefined> {
  let wanted: string | null = id;
  for (let step = 0; wanted !== null && step < LONGEST_CHAIN; step += 1) {
    const [call]: StoredCall[] = await database
      .select()
      .from(calls)
      .where(and(eq(calls.id, wanted), eq(calls.start_us, startOf(wanted))));
    if (call?.merged_into === null) return call;
    wanted = call?.merged_into ?? null;
  }
  return undefined;
}

/** The call that a leg is of. */
export async function findCallOfLeg(database: SearchDatabase, uuid: string): Promise<StoredCall | undefined> {
  const [leg] = await database
    .select({ call_id: legs.call_id })
    .from(legs)
    .where(eq(legs.uuid, uuid))
    .orderBy(desc(legs.start_us))
    .limit(1);
  return leg?.call_id ? findCall(database, leg.call_id) : undefined;
}

/** The legs of a call, in the order that the call has them: that of the SIP path. */
export async function listLegs(database: SearchDatabase, call: StoredCall): Promise<StoredLeg[]> {
  if (call.legs.length === 0) return [];
  const rows = await database
    .select()
    .from(legs)
    // a call begins with its earliest leg
    .where(and(inArray(legs.uuid, call.legs), gte(legs.start_us, call.start_us)));
  const place = new Map(call.legs.map((uuid, index) => [uuid, index]));
  return rows.sort((a, b) => (place.get(a.uuid) ?? 0) - (place.get(b.uuid) ?? 0));
}
