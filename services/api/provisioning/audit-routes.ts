import { Type } from 'typebox';
import type { Pool } from '../../../libs/postgres/database.ts';
import { readAudit } from '../../../libs/provisioning/audit.sql.ts';
import { nullable } from '../../../libs/records/variables.ts';
import { toInstant } from '../../../libs/store/search/instant.ts';
import { accessOf } from '../access/access.ts';
import type { ApiRoutes } from '../api-routes.ts';
import { readMoment } from '../calls/search-text.ts';
import { pageOf } from '../page.ts';

const State = nullable(Type.Object({}, { additionalProperties: true }));

const AuditItem = Type.Object(
  {
    id: Type.String(),
    at: Type.String({ format: 'date-time' }),
    actor: Type.String({ description: 'name of the token, or cli:<user>' }),
    role: Type.String(),
    address: nullable(Type.String({ description: "where the request came from; not for a tenant's token" })),
    action: Type.String({ description: 'create, update, delete, drain, import, open, …' }),
    resource: Type.String({ description: 'kind of thing' }),
    key: Type.String({ description: 'which one, as in its path' }),
    tenant: nullable(Type.String({ description: 'whose it is' })),
    before: State,
    after: State,
    secrets: Type.Array(Type.String(), {
      description: 'names of secrets that were set; what they are is nowhere',
    }),
  },
  { title: 'AuditEntry' },
);

const Id = Type.String({ pattern: '^[0-9]{1,18}$' });
const word = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 400, pattern: '^[^\\u0000]+$', description }));
const instant = (description: string) => Type.Optional(Type.String({ format: 'date-time', description }));

const Query = Type.Object({
  actor: word('who did it'),
  action: word('what was done'),
  resource: word('kind of thing'),
  key: word('which thing'),
  from: instant('since then'),
  to: instant('before then'),
  limit: Type.Integer({ minimum: 1, maximum: 500, default: 50 }),
  cursor: Type.Optional(Id),
});

/** RFC 3339 allows offsets that PostgreSQL does not know: +20:04. @throws HttpError 400 `time-invalid` */
function asUtc(text: string | undefined): string | undefined {
  const us = readMoment(text);
  return us === undefined ? undefined : toInstant(us);
}

/** `GET /v1/audit`: who changed what. */
export function addAuditRoutes(app: ApiRoutes, pool: Pool): void {
  app.get(
    '/v1/audit',
    {
      config: { access: { role: 'admin', tenant: 'own' } },
      schema: {
        summary: 'Who changed or opened what, newest first',
        tag: 'access',
        querystring: Query,
        response: { 200: pageOf(AuditItem) },
      },
    },
    async (request) => {
      const { limit, cursor, ...asked } = request.query;
      const filters = { ...asked, from: asUtc(asked.from), to: asUtc(asked.to) };
      const { tenant } = accessOf(request);
      const found = await readAudit(pool, { ...filters, tenant, beforeId: cursor, limit: limit + 1 });
      const items = found.slice(0, limit);
      return { items, next_cursor: found.length > limit ? (items.at(-1)?.id ?? null) : null };
    },
  );
}
