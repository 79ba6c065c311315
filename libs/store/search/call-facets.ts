import { cancellable } from '../../postgres/cancellable.ts';
import type { Pool } from '../../postgres/database.ts';
import { raw, render, sql } from '../fragment.ts';
import type { CallFilter } from './call-filter.ts';
import { newestCalls, type SearchSpan, spanCondition } from './call-search.ts';

/** By what the calls of a search are told apart. */
export const FACETS = [
  'disposition',
  'direction',
  'node',
  'trunk',
  'tenant',
  'domain',
  'hangup_cause',
  'answered_by',
] as const;
export type Facet = (typeof FACETS)[number];

/** How many calls have a value; a call that was on two nodes counts with both. */
export interface FacetCount {
  facet: Facet;
  value: string;
  calls: number;
}

export interface CallFacets {
  /** calls that were counted */
  counted: number;
  /** false: there are more, and only the newest were counted */
  complete: boolean;
  counts: FacetCount[];
}

/** Calls that are counted at the most. */
const MOST_COUNTED = 10_000;
/** Values of one facet, the most frequent first. */
const MOST_VALUES = 12;

const COLUMNS = `c.id, c.start_at, c.disposition, c.direction, c.nodes, c.trunk, c.tenant, c.domain, c.hangup_cause, c.answered_by`;

const valuesOf = (facet: Facet): string =>
  facet === 'node'
    ? `select 'node' as facet, node as value, count(distinct id)::integer as calls from found, unnest(nodes) as node group by 2`
    : `select '${facet}' as facet, ${facet} as value, count(*)::integer as calls from found where ${facet} is not null group by 2`;

export interface FacetQuestion extends SearchSpan {
  filter: CallFilter;
  limitMs: number;
  signal?: AbortSignal | undefined;
}

/**
 * What do the calls of a search have in common? Of the newest of them.
 * @throws CodedError `cancelled`; what PostgreSQL says of a time-out
 */
export async function countFacets(
  pool: Pool,
  { filter, limitMs, signal, ...span }: FacetQuestion,
): Promise<CallFacets> {
  const newest = newestCalls(COLUMNS, { filter, span: spanCondition(span), limit: MOST_COUNTED + 1 });
  const counts = raw(FACETS.map(valuesOf).join(' union all '));
  const query = sql`with found as materialized (${newest}), counts as (${counts})
    select facet, value, calls from (
      select *, row_number() over (partition by facet order by calls desc, value) as place from counts
    ) as ranked where place <= ${MOST_VALUES}::integer
    union all select null, null, (select count(*)::integer from found) order by facet, calls desc, value`;
  return cancellable(pool, signal, async ({ client, limit }) => {
    await limit(limitMs);
    const { rows } = await client.query<Omit<FacetCount, 'facet'> & { facet: Facet | null }>(render(query));
    const counted = rows.find(({ facet }) => facet === null)?.calls ?? 0;
    return {
      counted: Math.min(counted, MOST_COUNTED),
      complete: counted <= MOST_COUNTED,
      counts: rows.flatMap(({ facet, ...rest }) => (facet === null ? [] : [{ facet, ...rest }])),
    };
  });
}
