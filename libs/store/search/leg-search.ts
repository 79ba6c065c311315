import { CodedError } from '../../errors/coded-error.ts';
import { cancellable } from '../../postgres/cancellable.ts';
import type { Pool } from '../../postgres/database.ts';
import { allOf, at, type Fragment, raw, render, sql } from '../fragment.ts';
import type { Queryable } from '../queryable.ts';
import { among, type Bounds, between, equal } from './call-filter.ts';
import type { SearchSpan } from './call-search.ts';
import type { StoredLeg } from './calls.ts';
import { LEG_COLUMNS, type LegRow, toLeg } from './leg-row.ts';
import { type NumberTerm, numberCondition } from './number-term.ts';
import { type Slice, type SliceQuestion, searchNewestFirst } from './sliced-search.ts';

/** What a search of legs asks for; everything that is given has to hold. */
export interface LegFilter {
  /** whose legs: of one tenant, or of all when undefined */
  tenant?: string | undefined;
  number?: readonly NumberTerm[] | undefined;
  domain?: string | undefined;
  trunk?: string | undefined;
  node?: string | undefined;
  direction?: 'inbound' | 'outbound' | undefined;
  hangup_cause?: readonly string[] | undefined;
  duration?: Bounds | undefined;
  billsec?: Bounds | undefined;
  mos?: Bounds | undefined;
  sip_call_id?: string | undefined;
  uuid?: string | undefined;
  account?: string | undefined;
  is_interrupted?: boolean | undefined;
}

/** A place in the order of legs: by start, then uuid. */
export interface LegPlace {
  us: number;
  uuid: string;
}

export interface LegSearch extends SearchSpan {
  filter: LegFilter;
  olderThan?: LegPlace | undefined;
  limit: number;
  budgetMs: number;
  signal?: AbortSignal | undefined;
}

/** A page of legs, newest first; as `CallPage`. */
export interface LegPage {
  items: StoredLeg[];
  next: LegPlace | null;
  complete: boolean;
  searchedToUs: number | null;
}

/** A day and a bit: how much later than the newest call its legs may begin. */
const LATER_US = 26 * 3_600_000_000;

/** Looks for legs, newest first, as `searchCalls` does for calls. @throws CodedError `search-timed-out`, `cancelled` */
export async function searchLegs(pool: Pool, search: LegSearch): Promise<LegPage> {
  const { filter, limit, budgetMs, signal } = search;
  const all = allOf(conditions(filter));
  const result = await cancellable(pool, signal, async ({ client, limit: limitMs }) => {
    const ask = async (span: Fragment, question: Pick<SliceQuestion, 'limit' | 'timeoutMs'>) => {
      await limitMs(question.timeoutMs);
      const query = sql`select ${raw(LEG_COLUMNS)} from legs l where ${allOf([all, span])}
        order by l.start_at desc, l.uuid desc limit ${question.limit}::integer`;
      const { rows } = await client.query<LegRow>(render(query));
      return rows;
    };
    return searchNewestFirst<LegRow>({
      limit: limit + 1,
      budgetMs,
      wholeFirst: isSelective(filter),
      isContinued: search.olderThan?.uuid === '',
      span: () => boundsOf(client, search),
      runWhole: (question) => ask(spanCondition(search), question),
      run: (question) => ask(allOf([spanCondition(search), spanCondition(question)]), question),
      signal,
    });
  });
  const found = result.rows.map(toLeg);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  if (found.length > limit && last !== undefined) {
    return { items, next: { us: last.start_us, uuid: last.uuid }, complete: true, searchedToUs: null };
  }
  const { searchedToUs } = result;
  if (searchedToUs === null) return { items, next: null, complete: true, searchedToUs };
  return { items, next: { us: searchedToUs, uuid: '' }, complete: false, searchedToUs };
}

/** Whether an index leads to the legs, wherever in time they are. */
function isSelective({ number, sip_call_id, uuid, account }: LegFilter): boolean {
  const indexed = number?.every(({ kind }) => kind !== 'suffix') === true;
  return indexed || [sip_call_id, uuid, account].some((asked) => asked !== undefined);
}

/** The condition of a search on `legs l`. */
export function legCondition(filter: LegFilter, span: SearchSpan): Fragment {
  return allOf([...conditions(filter), spanCondition(span)]);
}

function conditions(filter: LegFilter): Fragment[] {
  const { number } = filter;
  return [
    raw('l.evidence is not null'),
    ...equal('l.tenant', filter.tenant),
    ...equal('l.domain', filter.domain),
    ...equal('l.trunk', filter.trunk),
    ...equal('l.node', filter.node),
    ...equal('l.direction', filter.direction),
    ...equal('l.sip_call_id', filter.sip_call_id),
    ...equal('l.uuid', filter.uuid),
    ...equal('l.accountcode', filter.account),
    ...among('l.hangup_cause', filter.hangup_cause),
    ...between('l.duration', filter.duration),
    ...between('l.billsec', filter.billsec),
    ...between('l.mos', filter.mos),
    ...(filter.is_interrupted === undefined
      ? []
      : [sql`l.is_interrupted = ${filter.is_interrupted}::boolean`]),
    ...(number === undefined
      ? []
      : [
          sql`(${numberCondition(raw('l.caller_id_number'), number)}
            or ${numberCondition(raw('l.destination_number'), number)})`,
        ]),
  ];
}

function spanCondition({
  fromUs,
  toUs,
  olderThan,
}: SearchSpan & Partial<Pick<LegSearch, 'olderThan'>>): Fragment {
  return allOf([
    ...(fromUs === undefined ? [] : [sql`l.start_at >= ${at(fromUs)}`]),
    ...(toUs === undefined ? [] : [sql`l.start_at < ${at(toUs)}`]),
    ...(olderThan === undefined
      ? []
      : [
          sql`l.start_at <= ${at(olderThan.us)} and (l.start_at, l.uuid) < (${at(olderThan.us)}, ${olderThan.uuid})`,
        ]),
  ]);
}

/** Within the time of calls: those have an index that knows their first and last one. */
async function boundsOf(client: Queryable, { fromUs, toUs, olderThan }: LegSearch): Promise<Slice> {
  const { rows } = await client.query<{ first: string | null; last: string | null }>(
    `select (extract(epoch from call_id_start((select id from calls order by id limit 1))) * 1000000)::bigint as first,
       (extract(epoch from greatest(now(), call_id_start((select id from calls order by id desc limit 1)))) * 1000000)::bigint as last`,
  );
  const first = rows[0]?.first;
  if (!first) return { fromUs: 0, toUs: 0 };
  const upper = [Number(rows[0]?.last) + LATER_US, toUs, olderThan && olderThan.us + 1];
  return {
    fromUs: Math.max(Number(first), fromUs ?? 0),
    toUs: Math.min(...upper.filter((us) => typeof us === 'number')),
  };
}

/** The place of a page's end as text, opaque to clients. */
export function encodeLegPlace({ us, uuid }: LegPlace): string {
  return Buffer.from(`${us}:${uuid}`).toString('base64url');
}

/** @throws CodedError `cursor-invalid` */
export function decodeLegPlace(cursor: string): LegPlace {
  const match = /^(\d{1,17}):([^\0]{0,256})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (match === null) throw new CodedError('cursor-invalid', 'this cursor is not one that this api gave');
  return { us: Number(match[1]), uuid: match[2] ?? '' };
}
