import { cancellable } from '../../postgres/cancellable.ts';
import type { Pool } from '../../postgres/database.ts';
import { allOf, type Fragment, render } from '../fragment.ts';
import type { CallFilter } from './call-filter.ts';
import { boundsOf, newestCalls, type SearchSpan, spanCondition } from './call-search.ts';
import { type FacetCount, type FacetRow, tallyFacets } from './facet-tally.ts';
import { type SliceQuestion, searchNewestFirst } from './sliced-search.ts';

export interface CallFacets {
  /** calls that were counted */
  counted: number;
  /** false: there are more, and only the newest were counted */
  complete: boolean;
  /** when time ran out: calls from here on were counted, µs */
  countedToUs: number | null;
  counts: FacetCount[];
}

/** Calls that are counted at the most. */
const MOST_COUNTED = 10_000;

const COLUMNS = `c.id, c.start_at, c.disposition, c.direction, c.nodes, c.trunk, c.tenant, c.domain, c.hangup_cause, c.answered_by`;

export interface FacetQuestion extends SearchSpan {
  filter: CallFilter;
  /** time for all of it, milliseconds */
  budgetMs: number;
  signal?: AbortSignal | undefined;
}

/**
 * What do the calls of a search have in common? Of the newest of them, as many as can be read within the budget.
 * @throws CodedError `cancelled`, `search-timed-out` when none could be
 */
export async function countFacets(
  pool: Pool,
  { filter, budgetMs, signal, ...span }: FacetQuestion,
): Promise<CallFacets> {
  const { rows, searchedToUs } = await cancellable(pool, signal, ({ client, limit: limitMs }) => {
    const ask = async (part: Fragment, { limit, timeoutMs }: Pick<SliceQuestion, 'limit' | 'timeoutMs'>) => {
      await limitMs(timeoutMs);
      const query = newestCalls(COLUMNS, { filter, span: part, limit });
      return (await client.query<FacetRow>(render(query))).rows;
    };
    const whole = spanCondition(span);
    return searchNewestFirst<FacetRow>({
      limit: MOST_COUNTED + 1,
      budgetMs,
      wholeFirst: true,
      span: () => boundsOf(client, span),
      runWhole: (question) => ask(whole, question),
      run: (question) => ask(allOf([whole, spanCondition(question)]), question),
      signal,
    });
  });
  const counted = rows.slice(0, MOST_COUNTED);
  return {
    counted: counted.length,
    complete: rows.length <= MOST_COUNTED && searchedToUs === null,
    countedToUs: rows.length > MOST_COUNTED ? null : searchedToUs,
    counts: tallyFacets(counted),
  };
}
