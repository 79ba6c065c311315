import { Type } from 'typebox';
import { HttpError } from '../../libs/http/problem.ts';
import type { Pool } from '../../libs/postgres/database.ts';
import { Microseconds, nullable } from '../../libs/records/variables.ts';
import { findReject, listRejects } from '../../libs/store/reject.sql.ts';
import type { ApiRoutes } from './api-routes.ts';
import { pageOf } from './page.ts';

const RejectItem = Type.Object({
  id: Type.String(),
  reason: Type.String({ description: 'cdr-truncated, cdr-malformed, cdr-differs, …' }),
  detail: Type.String(),
  switch_name: nullable(Type.String()),
  uuid: nullable(Type.String()),
  source_ip: nullable(Type.String()),
  received_us: Microseconds,
  last_received_us: Microseconds,
  attempts: Type.Integer({ description: 'how often the same bytes were posted' }),
  replayed_us: nullable(Microseconds),
  bytes: Type.Integer(),
});

const Id = Type.String({ pattern: '^[0-9]{1,18}$' });
const ListQuery = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 500, default: 50 }),
  cursor: Type.Optional(Id),
  reason: Type.Optional(Type.String({ maxLength: 100 })),
  open: Type.Boolean({ default: false, description: 'only what was not replayed yet' }),
});

/** `GET /v1/cdr-rejects`, newest first, and `GET /v1/cdr-rejects/:id` with the bytes in base64. */
export function addRejectRoutes(app: ApiRoutes, pool: Pool): void {
  app.get(
    '/v1/cdr-rejects',
    {
      config: { access: { role: 'operator', tenant: 'fleet' } },
      schema: {
        summary: 'What nodes posted as CDRs and could not be taken, newest first',
        tag: 'calls',
        querystring: ListQuery,
        response: { 200: pageOf(RejectItem) },
      },
    },
    async ({ query: { limit, cursor, reason, open } }) => {
      const found = await listRejects(pool, { beforeId: cursor, reason, open, limit: limit + 1 });
      const items = found.slice(0, limit);
      return { items, next_cursor: found.length > limit ? (items.at(-1)?.id ?? null) : null };
    },
  );

  app.get(
    '/v1/cdr-rejects/:id',
    {
      config: { access: { role: 'operator', tenant: 'fleet' } },
      schema: {
        summary: 'One of them with its bytes',
        tag: 'calls',
        params: Type.Object({ id: Id }),
        response: {
          200: Type.Object({
            ...RejectItem.properties,
            path: Type.String(),
            content_type: nullable(Type.String()),
            body_base64: Type.String(),
          }),
        },
      },
    },
    async ({ params: { id } }) => {
      const reject = await findReject(pool, id);
      if (reject === undefined) throw new HttpError(404, 'reject-not-found', `there is no reject ${id}`);
      const { body, ...rest } = reject;
      return { ...rest, body_base64: body.toString('base64') };
    },
  );
}
