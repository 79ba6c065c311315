import type { CallSummary } from '../calls/summarise.ts';
import type { Queryable } from './queryable.ts';
import { fromMicroseconds, spanOf, toMicroseconds } from './time.sql.ts';

/** A call to write. */
export interface CallRow extends CallSummary {
  root_id: string;
  tenants: string[];
  /** of the summary: unchanged, nothing is written */
  digest: string;
  /** when its grace time is over; null while a leg lives */
  finish_us: number | null;
}

/** What writing a call changed. */
export interface CallChange {
  id: string;
  isNew: boolean;
  wasAnswered: boolean;
  wasOver: boolean;
}

const COLUMNS: Readonly<Record<string, string>> = {
  root_id: 'uuid',
  tenant: 'text',
  tenants: 'text[]',
  domain: 'text',
  direction: 'text',
  caller_id_name: 'text',
  caller: 'text',
  callee: 'text',
  did: 'text',
  trunk: 'text',
  nodes: 'text[]',
  legs: 'text[]',
  duration: 'double precision',
  billsec: 'double precision',
  pdd_ms: 'integer',
  hangup_cause: 'text',
  hangup_by: 'text',
  disposition: 'text',
  answered_by: 'text',
  mos: 'real',
  recording_paths: 'text[]',
  transfers: 'jsonb',
  digest: 'text',
};

const SET = Object.keys(COLUMNS)
  .map((column) => `${column} = excluded.${column}`)
  .join(', ');
const NAMES = Object.keys(COLUMNS).join(', ');
const TYPES = Object.entries(COLUMNS)
  .map(([column, type]) => `${column} ${type}`)
  .join(', ');

/**
 * Under the lock of each call's root. A call that says nothing new is left alone; one that does rises by a revision, and
 * stays finished when all of its legs still have ended.
 */
const UPSERT = `
  with said as (
    select * from json_to_recordset($1::json) as call (id uuid, start_us bigint, answer_us bigint, end_us bigint,
      finish_us bigint, ${TYPES})
  ), before as (
    select c.id, c.answer_at is not null as answered, c.end_at is not null as over
    from said cross join lateral (
      select c.id, c.answer_at, c.end_at from calls c
      where c.id = said.id and c.start_at = ${fromMicroseconds('said.start_us')} and c.merged_into is null
        and c.start_at >= ${fromMicroseconds('$2::bigint')} and c.start_at <= ${fromMicroseconds('$3::bigint')} offset 0
    ) as c
  ), written as (
    insert into calls as known (id, start_at, answer_at, end_at, finish_at, state, ${NAMES})
    select id, ${fromMicroseconds('start_us')}, ${fromMicroseconds('answer_us')}, ${fromMicroseconds('end_us')},
      ${fromMicroseconds('finish_us')}, 'live', ${NAMES}
    from said order by id
    on conflict (id, start_at) do update set
      answer_at = excluded.answer_at, end_at = excluded.end_at, ${SET}, merged_into = null,
      revision = known.revision + (known.digest <> excluded.digest or known.merged_into is not null)::integer,
      state = case when excluded.end_at is null or known.merged_into is not null then 'live' else known.state end,
      finish_at = case when known.state = 'finished' and known.merged_into is null and excluded.end_at is not null
        then null else excluded.finish_at end
    where known.digest <> excluded.digest or known.merged_into is not null or known.root_id <> excluded.root_id
    returning id
  )
  select written.id, before.id is null as "isNew", coalesce(before.answered, false) as "wasAnswered",
    coalesce(before.over, false) as "wasOver"
  from written left join before using (id)`;

/** Writes calls whose roots this transaction has locked. Returns those that say something new. */
export async function writeCalls(client: Queryable, calls: readonly CallRow[]): Promise<CallChange[]> {
  if (calls.length === 0) return [];
  const { fromUs, toUs } = spanOf(calls.map(({ start_us }) => start_us));
  const { rows } = await client.query<CallChange>({
    name: 'calls_write',
    text: UPSERT,
    values: [JSON.stringify(calls), fromUs, toUs],
  });
  return rows;
}

/** Makes ids that no call has any more aliases of the call that took their legs; to be published once. */
export async function supersedeCalls(
  client: Queryable,
  superseded: readonly { id: string; merged_into: string }[],
): Promise<void> {
  if (superseded.length === 0) return;
  await client.query({
    name: 'calls_supersede',
    text: `update calls c set merged_into = alias.merged_into, state = 'finished', finish_at = null, revision = c.revision + 1
     from json_to_recordset($1::json) as alias (id uuid, merged_into uuid)
     where c.id = alias.id and c.start_at = call_id_start(alias.id) and c.merged_into is distinct from alias.merged_into
       and c.id = any ($2::uuid[])`,
    values: [JSON.stringify(superseded), superseded.map(({ id }) => id)],
  });
}

/** Finishes calls whose grace time is over, at most `limit`; those whose roots others have locked come next time. */
export async function finishCalls(client: Queryable, nowUs: number, limit: number): Promise<number> {
  const { rowCount } = await client.query(
    `with due as (
       select id, start_at, root_id from calls
       where state = 'live' and finish_at <= ${fromMicroseconds('$1::bigint')} order by finish_at limit $2
     ), free as (
       select r.id from call_roots r
       where r.id in (select root_id from due)
         and r.started_at >= (select min(call_id_start(root_id)) from due)
       order by r.id for update skip locked
     )
     update calls c set state = 'finished', finish_at = null, revision = c.revision + 1,
       finished_revision = coalesce(c.finished_revision, c.revision + 1)
     from due, free
     where c.id = due.id and c.start_at = due.start_at and free.id = due.root_id
       and c.state = 'live' and c.finish_at <= ${fromMicroseconds('$1::bigint')} and c.root_id = due.root_id`,
    [nowUs, limit],
  );
  return rowCount ?? 0;
}

/** A call as it is stored, with times in microseconds. */
export interface StoredCall extends Omit<CallSummary, 'is_over'> {
  state: 'live' | 'finished';
  revision: number;
  merged_into: string | null;
}

const READ = `id, ${toMicroseconds('start_at')} as start_us, ${toMicroseconds('answer_at')} as answer_us,
  ${toMicroseconds('end_at')} as end_us, state, revision, merged_into, tenant, domain, direction, caller_id_name, caller,
  callee, did, trunk, nodes, legs, duration, billsec, pdd_ms, hangup_cause, hangup_by, disposition, answered_by, mos,
  recording_paths, transfers`;

type StoredRow = Omit<StoredCall, 'start_us' | 'answer_us' | 'end_us'> & {
  start_us: string;
  answer_us: string | null;
  end_us: string | null;
};

function toStored(row: StoredRow): StoredCall {
  return {
    ...row,
    start_us: Number(row.start_us),
    answer_us: row.answer_us === null ? null : Number(row.answer_us),
    end_us: row.end_us === null ? null : Number(row.end_us),
  };
}

/** Whether this transaction may publish: one at a time does. */
export async function tryPublisherLock(client: Queryable): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    `select pg_try_advisory_xact_lock(hashtext('switchfleet.calls_publisher')) as locked`,
  );
  return rows[0]?.locked === true;
}

/** A call that is to be published, and whether nobody ever heard of it before. */
export interface UnpublishedCall {
  call: StoredCall;
  isFirst: boolean;
}

/** Finished calls and aliases with a revision that nobody was told of, at most `limit`. */
export async function callsToPublish(client: Queryable, limit: number): Promise<UnpublishedCall[]> {
  const { rows } = await client.query<StoredRow & { isFirst: boolean }>(
    `select ${READ}, published_revision = 0 as "isFirst" from calls
     where state = 'finished' and published_revision < revision order by id limit $1`,
    [limit],
  );
  return rows.map(({ isFirst, ...row }) => ({ call: toStored(row), isFirst }));
}

/** Notes what was published. A call that somebody is writing is left out: it is published again. */
export async function markPublished(
  client: Queryable,
  published: readonly { id: string; revision: number }[],
): Promise<void> {
  await client.query(
    `with told as (
       select * from json_to_recordset($1::json) as told (id uuid, revision integer)
     ), free as (
       select c.id, c.start_at, told.revision from told join calls c
         on c.id = told.id and c.start_at = call_id_start(told.id) for update of c skip locked
     )
     update calls c set published_revision = free.revision
     from free where c.id = free.id and c.start_at = free.start_at and c.published_revision < free.revision`,
    [JSON.stringify(published)],
  );
}

/** All calls, aliases too, whose earliest leg began in a span; for tests and rebuilds, not for pages. */
export async function callsBetween(client: Queryable, fromUs: number, toUs: number): Promise<StoredCall[]> {
  const { rows } = await client.query<StoredRow>(
    `select ${READ} from calls where start_at >= ${fromMicroseconds('$1::bigint')}
       and start_at < ${fromMicroseconds('$2::bigint')} order by id`,
    [fromUs, toUs],
  );
  return rows.map(toStored);
}
