import { cancellable } from '../../postgres/cancellable.ts';
import type { Pool } from '../../postgres/database.ts';
import { allOf, at, type Fragment, raw, render, sql } from '../fragment.ts';
import type { Queryable } from '../queryable.ts';
import { type CallFilter, callConditions } from './call-filter.ts';
import { floorOfCallIds, isFloor, startOfId } from './call-place.ts';
import { CALL_COLUMNS, type CallRow, toCall } from './call-row.ts';
import type { StoredCall } from './calls.ts';
import { type Slice, type SliceQuestion, searchNewestFirst } from './sliced-search.ts';

/** Which part of time is searched; µs. */
export interface SearchSpan {
  fromUs?: number | undefined;
  /** not included */
  toUs?: number | undefined;
}

export interface CallSearch extends SearchSpan {
  filter: CallFilter;
  /** only calls before this id, which need not be there */
  olderThan?: string | undefined;
  limit: number;
  budgetMs: number;
  signal?: AbortSignal | undefined;
}

/** A page of calls, newest first. */
export interface CallPage {
  items: StoredCall[];
  /** go on with `olderThan` this id; null: there is nothing older */
  next: string | null;
  /** all that was asked for was searched, or the page is full */
  complete: boolean;
  /** when it is not: calls from here on were searched, µs */
  searchedToUs: number | null;
}

/**
 * Looks for calls, newest first, within a time budget and one page; the connection's question is cancelled when the signal
 * aborts. A page is a place in the order of ids, which no call that arrives later can shift.
 * @throws CodedError `search-timed-out`, `cancelled`
 */
export async function searchCalls(pool: Pool, search: CallSearch): Promise<CallPage> {
  const { filter, limit, budgetMs, signal } = search;
  const result = await cancellable(pool, signal, async ({ client, limit: limitMs }) => {
    const ask = async (span: Fragment, question: Pick<SliceQuestion, 'limit' | 'timeoutMs'>) => {
      await limitMs(question.timeoutMs);
      const { rows } = await client.query<CallRow>(render(pageQuery(filter, span, question.limit)));
      return rows;
    };
    return searchNewestFirst<CallRow>({
      // one more than asked for tells whether there is a next page
      limit: limit + 1,
      budgetMs,
      wholeFirst: true,
      isContinued: search.olderThan !== undefined && isFloor(search.olderThan),
      span: () => boundsOf(client, search),
      runWhole: (question) => ask(spanCondition(search), question),
      run: (question) => ask(allOf([spanCondition(search), spanCondition(question)]), question),
      signal,
    });
  });
  return toPage(result.rows.map(toCall), { limit, searchedToUs: result.searchedToUs });
}

function toPage(
  found: StoredCall[],
  { limit, searchedToUs }: { limit: number; searchedToUs: number | null },
): CallPage {
  const items = found.slice(0, limit);
  if (found.length > limit) {
    return { items, next: items.at(-1)?.id ?? null, complete: true, searchedToUs: null };
  }
  if (searchedToUs === null) return { items, next: null, complete: true, searchedToUs: null };
  return { items, next: floorOfCallIds(searchedToUs), complete: false, searchedToUs };
}

/** By id, which sorts as start does, and by start, which names partitions. */
export function spanCondition({
  fromUs,
  toUs,
  olderThan,
}: SearchSpan & { olderThan?: string | undefined }): Fragment {
  return allOf([
    ...(fromUs === undefined
      ? []
      : [sql`c.id >= ${floorOfCallIds(fromUs)}::uuid and c.start_at >= ${at(fromUs)}`]),
    ...(toUs === undefined ? [] : [sql`c.id < ${floorOfCallIds(toUs)}::uuid and c.start_at < ${at(toUs)}`]),
    ...(olderThan === undefined
      ? []
      : [sql`c.id < ${olderThan}::uuid and c.start_at <= ${at(startOfId(olderThan))}`]),
  ]);
}

const pageQuery = (filter: CallFilter, span: Fragment, limit: number): Fragment =>
  newestCalls(CALL_COLUMNS, { filter, span, limit });

/** The newest calls of a search. Each branch reads its own index, no further than the limit; a call that two of them find is one. */
export function newestCalls(
  names: string,
  { filter, span, limit }: { filter: CallFilter; span: Fragment; limit: number },
): Fragment {
  const { all, branches } = callConditions(filter);
  const columns = raw(names);
  const newest = (condition: Fragment) =>
    sql`select ${columns} from calls c where ${condition} order by c.id desc limit ${limit}::integer`;
  if (branches.length === 0) return newest(allOf([all, span]));
  const ids = branches.map(
    (branch) =>
      sql`(select c.id, c.start_at from calls c where ${allOf([branch, all, span])} order by c.id desc limit ${limit}::integer)`,
  );
  return sql`select ${columns} from (
      select distinct id, start_at from (${unionOf(ids)}) as either order by id desc limit ${limit}::integer
    ) as found join calls c on c.id = found.id and c.start_at = found.start_at order by c.id desc`;
}

const unionOf = (parts: readonly Fragment[]): Fragment =>
  parts.reduce((left, right) => sql`${left} union all ${right}`);

/** From the oldest call to the newest one, within what is asked for. */
export async function boundsOf(
  client: Queryable,
  { fromUs, toUs, olderThan }: SearchSpan & { olderThan?: string | undefined },
): Promise<Slice> {
  const { rows } = await client.query<{ first: string | null; last: string | null }>(
    `select (select id from calls order by id limit 1) as first, (select id from calls order by id desc limit 1) as last`,
  );
  const [first, last] = [rows[0]?.first, rows[0]?.last];
  if (!first || !last) return { fromUs: 0, toUs: 0 };
  const upper = [startOfId(last) + 1, toUs, olderThan && startOfId(olderThan) + 1];
  return {
    fromUs: Math.max(startOfId(first), fromUs ?? 0),
    toUs: Math.min(...upper.filter((us) => typeof us === 'number')),
  };
}
