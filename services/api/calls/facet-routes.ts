import { Type } from 'typebox';
import { nullable } from '../../../libs/records/variables.ts';
import { countFacets } from '../../../libs/store/search/call-facets.ts';
import { FACETS } from '../../../libs/store/search/facet-tally.ts';
import { toInstant } from '../../../libs/store/search/instant.ts';
import { accessOf } from '../access/access.ts';
import type { ApiRoutes } from '../api-routes.ts';
import { CallQuery, toCallFilter, toSpan } from './call-query.ts';
import type { SearchOptions } from './search-routes.ts';

const Facets = Type.Object({
  counted: Type.Integer({ description: 'calls that were counted' }),
  complete: Type.Boolean({ description: 'false: there are more; only the newest were counted' }),
  counted_to: nullable(
    Type.String({
      format: 'date-time',
      description: 'when time ran out: calls from here on were counted',
    }),
  ),
  counts: Type.Array(
    Type.Object({
      facet: Type.Enum(FACETS),
      value: Type.String(),
      calls: Type.Integer({ description: 'a call that was on two nodes counts with both' }),
    }),
    { description: 'by facet, the most frequent values first' },
  ),
});

/** Counts are worth less than the search that they stand beside. */
const MOST_MS = 2_000;

/** `GET /v1/calls/facets`: what the calls of a search have in common. */
export function addFacetRoutes(app: ApiRoutes, { pool, searchMs, turns }: SearchOptions): void {
  const budgetMs = Math.min(searchMs, MOST_MS);
  app.get(
    '/v1/calls/facets',
    {
      config: { access: { role: 'analyst', tenant: 'own' } },
      schema: {
        summary: 'How many calls of a search were answered, by which trunk, on which node, and so on',
        tag: 'calls',
        querystring: Type.Object(CallQuery),
        response: { 200: Facets },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const filter = toCallFilter(query, accessOf(request));
      const question = { filter, ...toSpan(query), budgetMs };
      const { countedToUs, ...facets } = await turns({ request, reply }, (signal) =>
        countFacets(pool, { ...question, signal }),
      );
      return { ...facets, counted_to: countedToUs === null ? null : toInstant(countedToUs) };
    },
  );
}
