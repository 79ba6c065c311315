import { Type } from 'typebox';
import { readDocument } from '../../libs/freeswitch/cdr/parse-cdr.ts';
import { HttpError } from '../../libs/http/problem.ts';
import type { Pool } from '../../libs/postgres/database.ts';
import { openDocument } from '../../libs/store/dictionary/dictionary.sql.ts';
import { isLegOfTenant } from '../../libs/store/leg-tenant.sql.ts';
import { findDocuments } from '../../libs/store/stored-cdr.sql.ts';
import { accessOf } from './access/access.ts';
import type { ApiRoutes } from './api-routes.ts';

const TYPES = { xml: 'text/xml; charset=utf-8', json: 'application/json; charset=utf-8' };
/** A browser that is shown a document must not take a caller's name for markup of ours. */
const PASSIVE = {
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
};

const Query = Type.Object({
  format: Type.Optional(Type.Union([Type.Literal('xml'), Type.Literal('json')])),
  decoded: Type.Boolean({
    default: false,
    description: 'as JSON with all values decoded, whatever the format',
  }),
});

const Documents = {
  'text/xml': { schema: Type.String() },
  'application/json': { schema: Type.Object({}, { additionalProperties: true }) },
};

/** `GET /v1/cdrs/:uuid/document`: a leg's CDR as FreeSWITCH made it, byte for byte, or decoded. */
export function addDocumentRoutes(app: ApiRoutes, pool: Pool): void {
  app.get(
    '/v1/cdrs/:uuid/document',
    {
      config: { access: { role: 'analyst', tenant: 'own' } },
      schema: {
        summary: "A leg's CDR as FreeSWITCH made it",
        tag: 'calls',
        params: Type.Object({
          uuid: Type.String({ maxLength: 256, pattern: '^[^\\u0000-\\u001f]+$' }),
        }),
        querystring: Query,
        response: { 200: { description: 'The document', content: Documents } },
      },
    },
    async (request, reply) => {
      const { uuid } = request.params;
      const { format, decoded } = request.query;
      const { tenant } = accessOf(request);
      const isSeen = tenant === undefined || (await isLegOfTenant(pool, { uuid, tenant }));
      const documents = isSeen ? await findDocuments(pool, uuid) : [];
      const wanted = documents.find((document) => format === undefined || document.format === format);
      if (wanted === undefined) {
        throw new HttpError(
          404,
          'document-not-found',
          `there is no document of leg ${uuid}: never seen, or its time is over`,
        );
      }
      const bytes = await openDocument(pool, wanted);
      void reply.headers(PASSIVE);
      if (decoded) return reply.send({ format: wanted.format, ...readDocument(wanted.format, bytes) });
      return reply.header('content-type', TYPES[wanted.format]).send(bytes);
    },
  );
}
