import { Type } from 'typebox';
import type { Pool } from '../../../libs/postgres/database.ts';
import { nullable } from '../../../libs/records/variables.ts';
import { searchCalls } from '../../../libs/store/search/call-search.ts';
import { encodeCursor } from '../../../libs/store/search/cursor.ts';
import { toInstant } from '../../../libs/store/search/instant.ts';
import { decodeLegPlace, encodeLegPlace, searchLegs } from '../../../libs/store/search/leg-search.ts';
import { accessOf } from '../access/access.ts';
import type { ApiRoutes } from '../api-routes.ts';
import { CallItem, LegItem, toCallItem, toLegItem } from '../call-schemas.ts';
import { PageQuery, pageOf, readCursor } from '../page.ts';
import type { SearchTurns } from '../search-turns.ts';
import { CallQuery, toCallFilter, toSpan } from './call-query.ts';
import { LegQuery, toLegFilter } from './leg-query.ts';

export interface SearchOptions {
  /** where searches run */
  pool: Pool;
  /** time of one search, milliseconds */
  searchMs: number;
  turns: SearchTurns;
}

/** A page of a search: one that ran out of time says so, and how far it got. */
const searchPageOf = <T extends Type.TSchema>(item: T) =>
  Type.Object({
    ...pageOf(item).properties,
    complete: Type.Boolean({
      description: 'false: the search ran out of time; `next_cursor` goes on where it stopped',
    }),
    searched_to: nullable(
      Type.String({
        format: 'date-time',
        description: 'when not complete: from here on everything was searched',
      }),
    ),
  });

const ACCESS = { access: { role: 'analyst', tenant: 'own' } } as const;
const LegCursor = Type.Optional(
  Type.String({ minLength: 1, maxLength: 400, description: '`next_cursor` of the page before' }),
);

/** `GET /v1/calls` and `GET /v1/legs`. */
export function addSearchRoutes(app: ApiRoutes, { pool, searchMs: budgetMs, turns }: SearchOptions): void {
  app.get(
    '/v1/calls',
    {
      config: ACCESS,
      schema: {
        summary: 'Calls, newest first, by what is known of them',
        tag: 'calls',
        querystring: Type.Object({ ...PageQuery.properties, ...CallQuery }),
        response: { 200: searchPageOf(CallItem) },
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...query } = request.query;
      const filter = toCallFilter(query, accessOf(request));
      const olderThan = readCursor(cursor);
      const search = { filter, ...toSpan(query), olderThan, limit, budgetMs };
      const page = await turns({ request, reply }, (signal) => searchCalls(pool, { ...search, signal }));
      const next = page.next === null ? null : encodeCursor(page.next);
      return toAnswer({ ...page, items: page.items.map(toCallItem), next });
    },
  );

  app.get(
    '/v1/legs',
    {
      config: ACCESS,
      schema: {
        summary: 'Legs (channels), newest first, by what is known of them',
        tag: 'calls',
        querystring: Type.Object({ ...PageQuery.properties, cursor: LegCursor, ...LegQuery }),
        response: { 200: searchPageOf(LegItem) },
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...query } = request.query;
      const filter = toLegFilter(query, accessOf(request));
      const olderThan = cursor === undefined ? undefined : decodeLegPlace(cursor);
      const search = { filter, ...toSpan(query), olderThan, limit, budgetMs };
      const page = await turns({ request, reply }, (signal) => searchLegs(pool, { ...search, signal }));
      const next = page.next === null ? null : encodeLegPlace(page.next);
      return toAnswer({ ...page, items: page.items.map(toLegItem), next });
    },
  );
}

interface Found<Item> {
  items: Item[];
  next: string | null;
  complete: boolean;
  searchedToUs: number | null;
}

function toAnswer<Item>({ items, next, complete, searchedToUs }: Found<Item>) {
  const searched_to = searchedToUs === null ? null : toInstant(searchedToUs);
  return { items, next_cursor: next, complete, searched_to };
}
