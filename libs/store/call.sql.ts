import type { CallSummary } from '../calls/summarise.ts';
import { type Columns, columnArrays, rowsOf } from '../postgres/columns.ts';
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

const COLUMNS: Columns = {
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
const GIVEN: Columns = {
  id: 'uuid',
  start_us: 'bigint',
  answer_us: 'bigint',
  end_us: 'bigint',
  finish_us: 'bigint',
  ...COLUMNS,
};

/** A finished call whose legs all have ended, as before. */
const STAYS_FINISHED = `known.state = 'finished' and known.merged_into is null and excluded.end_at is not null`;

/** A call that waits to be published already: its newest revision is. Whoever writes a call's row here holds its root. */
const HANDED_AGAIN = `on conflict (call_id) do update set revision = excluded.revision, is_first = waiting.is_first or excluded.is_first`;

/**
 * Under the lock of each call's root. A call that says nothing new is left alone; one that does rises by a revision, and
 * stays finished when all of its legs still have ended: then it is published again. Its grace time runs from its first end:
 * what comes afterwards changes no column of an index, so that the row stays on its page.
 */
const UPSERT = `
  with said as (
    select * from ${rowsOf(GIVEN, 4)} as call
  ), before as (
    select c.id, c.answer_at is not null as answered, c.end_at is not null as over, c.revision,
      c.published_revision = 0 as is_first
    from calls c
    where c.id = any ($3::uuid[]) and c.start_at >= ${fromMicroseconds('$1::bigint')}
      and c.start_at <= ${fromMicroseconds('$2::bigint')} and c.merged_into is null
  ), written as (
    insert into calls as known (id, start_at, answer_at, end_at, finish_at, state, ${NAMES})
    select id, ${fromMicroseconds('start_us')}, ${fromMicroseconds('answer_us')}, ${fromMicroseconds('end_us')},
      ${fromMicroseconds('finish_us')}, 'live', ${NAMES}
    from said order by id
    on conflict (id, start_at) do update set
      answer_at = excluded.answer_at, end_at = excluded.end_at, ${SET}, merged_into = null,
      revision = known.revision + (known.digest <> excluded.digest or known.merged_into is not null)::integer,
      published_revision = case when ${STAYS_FINISHED} and known.digest <> excluded.digest then known.revision + 1
        else known.published_revision end,
      state = case when excluded.end_at is null or known.merged_into is not null then 'live' else known.state end,
      finish_at = case when ${STAYS_FINISHED} then null
        when known.merged_into is null and excluded.finish_at is not null then coalesce(known.finish_at, excluded.finish_at)
        else excluded.finish_at end
    where known.digest <> excluded.digest or known.merged_into is not null or known.root_id <> excluded.root_id
    returning id, state, revision
  ), handed as (
    insert into calls_outbox as waiting (call_id, revision, is_first)
    select written.id, written.revision, before.is_first from written join before using (id)
    where written.state = 'finished' and written.revision > before.revision order by written.id
    ${HANDED_AGAIN}
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
    values: [fromUs, toUs, calls.map(({ id }) => id), ...columnArrays(GIVEN, calls)],
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
    text: `with aliases as (
       update calls c set merged_into = alias.merged_into, state = 'finished', finish_at = null, revision = c.revision + 1,
         published_revision = c.revision + 1
       from json_to_recordset($1::json) as alias (id uuid, merged_into uuid)
       where c.id = alias.id and c.start_at = call_id_start(alias.id) and c.merged_into is distinct from alias.merged_into
         and c.id = any ($2::uuid[])
       returning c.id, c.revision
     )
     insert into calls_outbox as waiting (call_id, revision, is_first) select id, revision, false from aliases order by id
     ${HANDED_AGAIN}`,
    values: [JSON.stringify(superseded), superseded.map(({ id }) => id)],
  });
}

/** Calls at once; those of a second of a large fleet are fewer. */
const HASTENED = 1_000;

/**
 * Has calls finish now that would after `latestUs`, which is later than any grace time that began by now: the clock was set back
 * since. Those that somebody works on come next time.
 */
export async function hastenCalls(
  client: Queryable,
  { nowUs, latestUs }: { nowUs: number; latestUs: number },
): Promise<void> {
  // Nearly always there is none, and a change would be planned over all partitions, and lock them.
  const { rowCount } = await client.query({
    name: 'calls_late',
    text: `select from calls where state = 'live' and finish_at > ${fromMicroseconds('$1::bigint')} limit 1`,
    values: [latestUs],
  });
  if (rowCount === 0) return;
  await client.query({
    name: 'calls_hasten',
    text: `update calls set finish_at = ${fromMicroseconds('$1::bigint')} where (id, start_at) in (
      select id, start_at from calls where state = 'live' and finish_at > ${fromMicroseconds('$2::bigint')}
      order by finish_at limit ${HASTENED} for update skip locked)`,
    values: [nowUs, latestUs],
  });
}

/**
 * Finishes calls whose grace time is over, at most `limit`, in the transaction of `client`; those whose roots others have locked
 * come next time.
 */
export async function finishCalls(client: Queryable, nowUs: number, limit: number): Promise<number> {
  const { rows: due } = await client.query<DueRow>({
    name: 'calls_due',
    text: `with due as (
       select id, root_id, ${toMicroseconds('start_at')} as start_us, published_revision = 0 as is_first from calls
       where state = 'live' and finish_at <= ${fromMicroseconds('$1::bigint')} order by finish_at limit $2
     ), free as (
       select r.id from call_roots r
       where r.id in (select root_id from due)
         and r.started_at >= (select min(call_id_start(root_id)) from due)
       order by r.id for update skip locked
     )
     select due.id, due.root_id, due.start_us, due.is_first from due where due.root_id in (select id from free)`,
    values: [nowUs, limit],
  });
  if (due.length === 0) return 0;
  const { fromUs, toUs } = spanOf(due.map(({ start_us }) => Number(start_us)));
  const { rowCount } = await client.query({
    name: 'calls_finish',
    text: FINISH,
    values: [
      due.map(({ id }) => id),
      fromUs,
      toUs,
      due.map(({ root_id }) => root_id),
      nowUs,
      due.filter(({ is_first }) => is_first).map(({ id }) => id),
    ],
  });
  return rowCount ?? 0;
}

interface DueRow {
  id: string;
  root_id: string;
  start_us: string;
  is_first: boolean;
}

/**
 * $1 the calls, $2 and $3 the span of their starts, $4 roots that this transaction has locked, $6 those of $1 that nobody had heard of
 * when they were read. Each call is found by its key: PostgreSQL takes those that are due for few and would go through all of them for
 * each, so state and time are compared in a way that no index serves.
 */
const FINISH = `
  with finished as (
    update calls c set state = 'finished', finish_at = null, revision = c.revision + 1, published_revision = c.revision + 1,
      finished_revision = coalesce(c.finished_revision, c.revision + 1)
    where c.id = any ($1::uuid[]) and c.start_at >= ${fromMicroseconds('$2::bigint')} and c.start_at <= ${fromMicroseconds('$3::bigint')}
      and c.root_id = any ($4::uuid[]) and c.state || '' = 'live' and c.finish_at + interval '0' <= ${fromMicroseconds('$5::bigint')}
    returning c.id, c.revision
  )
  insert into calls_outbox as waiting (call_id, revision, is_first)
  select id, revision, id = any ($6::uuid[]) from finished order by id
  ${HANDED_AGAIN}`;

/** A call as it is stored, with times in microseconds. */
export interface StoredCall extends Omit<CallSummary, 'is_over'> {
  state: 'live' | 'finished';
  revision: number;
  merged_into: string | null;
}

/** Columns of a stored call, of table calls. */
export const STORED_CALL = `id, ${toMicroseconds('start_at')} as start_us, ${toMicroseconds('answer_at')} as answer_us,
  ${toMicroseconds('end_at')} as end_us, state, revision, merged_into, tenant, domain, direction, caller_id_name, caller,
  callee, did, trunk, nodes, legs, duration, billsec, pdd_ms, hangup_cause, hangup_by, disposition, answered_by, mos,
  recording_paths, transfers`;

/** A row of `STORED_CALL`: pg gives a bigint as text. */
export type StoredCallRow = Omit<StoredCall, 'start_us' | 'answer_us' | 'end_us'> & {
  start_us: string;
  answer_us: string | null;
  end_us: string | null;
};

export function toStoredCall(row: StoredCallRow): StoredCall {
  return {
    ...row,
    start_us: Number(row.start_us),
    answer_us: row.answer_us === null ? null : Number(row.answer_us),
    end_us: row.end_us === null ? null : Number(row.end_us),
  };
}

/** All calls, aliases too, whose earliest leg began in a span; for tests and rebuilds, not for pages. */
export async function callsBetween(client: Queryable, fromUs: number, toUs: number): Promise<StoredCall[]> {
  const { rows } = await client.query<StoredCallRow>(
    `select ${STORED_CALL} from calls where start_at >= ${fromMicroseconds('$1::bigint')}
       and start_at < ${fromMicroseconds('$2::bigint')} order by id`,
    [fromUs, toUs],
  );
  return rows.map(toStoredCall);
}
