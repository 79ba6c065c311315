import { Type } from 'typebox';
import { HttpError } from '../../libs/http/problem.ts';
import { findCall, findCallOfLeg, listCalls, listLegs } from '../../libs/store/search/calls.ts';
import { encodeCursor, isUuid } from '../../libs/store/search/cursor.ts';
import type { SearchDatabase } from '../../libs/store/search/search-database.ts';
import { accessOf } from './access/access.ts';
import type { ApiRoutes } from './api-routes.ts';
import { CallDetail, CallItem, toCallDetail, toCallItem } from './call-schemas.ts';
import { PageQuery, pageOf, readCursor } from './page.ts';

/** `GET /v1/calls` and `GET /v1/calls/:id`. */
export function addCallRoutes(app: ApiRoutes, database: SearchDatabase): void {
  app.get(
    '/v1/calls',
    {
      config: { access: { role: 'analyst', tenant: 'own' } },
      schema: {
        summary: 'Calls, newest first',
        tag: 'calls',
        querystring: PageQuery,
        response: { 200: pageOf(CallItem) },
      },
    },
    async (request) => {
      const { limit } = request.query;
      const olderThan = readCursor(request.query.cursor);
      // one more than asked for tells whether there is a next page
      const found = await listCalls(database, {
        olderThan,
        tenant: accessOf(request).tenant,
        limit: limit + 1,
      });
      const items = found.slice(0, limit).map(toCallItem);
      const last = found.length > limit ? items.at(-1) : undefined;
      return { items, next_cursor: last === undefined ? null : encodeCursor(last.id) };
    },
  );

  app.get(
    '/v1/calls/:id',
    {
      config: { access: { role: 'analyst', tenant: 'own' } },
      schema: {
        summary: 'One call with its legs, by its id, a superseded id or the uuid of a leg',
        tag: 'calls',
        params: Type.Object({
          id: Type.String({
            maxLength: 256,
            pattern: '^[^\\u0000-\\u001f]+$',
            description: 'of the call, one that was superseded, or the uuid of a leg',
          }),
        }),
        response: { 200: CallDetail },
      },
    },
    async (request) => {
      const { id } = request.params;
      const call =
        (isUuid(id) ? await findCall(database, id) : undefined) ?? (await findCallOfLeg(database, id));
      const { tenant } = accessOf(request);
      const isSeen = call !== undefined && (tenant === undefined || call.tenant === tenant);
      if (!isSeen) throw new HttpError(404, 'call-not-found', `there is no call or leg ${id}`);
      return toCallDetail(call, await listLegs(database, call));
    },
  );
}
