import { STORED_CALL, type StoredCall, type StoredCallRow, toStoredCall } from './call.sql.ts';
import type { Queryable } from './queryable.ts';

/** Whether this transaction may publish: one at a time does. */
export async function tryPublisherLock(client: Queryable): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    `select pg_try_advisory_xact_lock(hashtext('switchfleet.calls_publisher')) as locked`,
  );
  return rows[0]?.locked === true;
}

/** A row of the outbox, with the call as it is now. */
export interface OutgoingCall {
  id: string;
  /** that was handed to the outbox */
  revision: number;
  /** nobody ever heard of it before */
  isFirst: boolean;
  /** a release without the outbox finished it, and would publish it as well */
  isUnmarked: boolean;
  /** undefined where it was dropped with its month */
  call: StoredCall | undefined;
}

type OutgoingRow = StoredCallRow & {
  call_id: string;
  handed: number;
  isFirst: boolean;
  isUnmarked: boolean;
  isGone: boolean;
  published_revision: number;
};

/** Calls that wait to be published, at most `limit`. One that lives again waits until it is finished once more. */
export async function callsToPublish(client: Queryable, limit: number): Promise<OutgoingCall[]> {
  const { rows } = await client.query<OutgoingRow>({
    name: 'calls_outbox_read',
    // By its key, one after the other: what lives again may stand before many.
    text: `select o.call_id, o.revision as handed, o.is_first as "isFirst", c.id is null as "isGone",
       coalesce(c.published_revision < o.revision, false) as "isUnmarked", c.*
     from (select call_id, revision, is_first from calls_outbox order by call_id offset 0) as o
     left join lateral (
       select ${STORED_CALL}, published_revision from calls
       where id = o.call_id and start_at = call_id_start(o.call_id) offset 0
     ) as c on true
     where c.id is null or c.state = 'finished' order by o.call_id limit $1`,
    values: [limit],
  });
  return rows.map(
    ({ call_id: id, handed: revision, isFirst, isUnmarked, isGone, published_revision: _, ...row }) => ({
      ...{ id, revision, isFirst, isUnmarked },
      call: isGone ? undefined : toStoredCall(row),
    }),
  );
}

/** Takes rows out of the outbox, but for those that were handed over again meanwhile, or are being so now. */
export async function forgetPublished(
  client: Queryable,
  published: readonly Pick<OutgoingCall, 'id' | 'revision'>[],
): Promise<void> {
  await client.query({
    name: 'calls_outbox_forget',
    text: `with free as (
       select call_id, revision from calls_outbox where call_id = any ($2::uuid[]) order by call_id for update skip locked
     )
     delete from calls_outbox o using json_to_recordset($1::json) as told (id uuid, revision integer), free
     where o.call_id = told.id and free.call_id = told.id and free.revision <= told.revision`,
    values: [
      JSON.stringify(published.map(({ id, revision }) => ({ id, revision }))),
      published.map(({ id }) => id),
    ],
  });
}

/** Notes in calls what a release without the outbox finished. A call that somebody is writing is left out: it is told again. */
export async function markPublished(
  client: Queryable,
  published: readonly Pick<OutgoingCall, 'id' | 'revision'>[],
): Promise<void> {
  if (published.length === 0) return;
  await client.query(
    `with told as (
       select * from json_to_recordset($1::json) as told (id uuid, revision integer)
     ), free as (
       select c.id, c.start_at, told.revision from told join calls c
         on c.id = told.id and c.start_at = call_id_start(told.id) for update of c skip locked
     )
     update calls c set published_revision = free.revision
     from free where c.id = free.id and c.start_at = free.start_at and c.published_revision < free.revision`,
    [JSON.stringify(published.map(({ id, revision }) => ({ id, revision })))],
  );
}
