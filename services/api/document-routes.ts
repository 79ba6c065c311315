import { Type } from 'typebox';
import { readDocument } from '../../libs/freeswitch/cdr/parse-cdr.ts';
import { HttpError } from '../../libs/http/problem.ts';
import type { Pool } from '../../libs/postgres/database.ts';
import { openDocument } from '../../libs/store/dictionary/dictionary.sql.ts';
import { type ChosenDocument, chooseDocument } from '../../libs/store/document-choice.ts';
import { findDocuments } from '../../libs/store/leg-documents.sql.ts';
import { toInstant } from '../../libs/store/search/instant.ts';
import { accessOf } from './access/access.ts';
import type { ApiRoutes } from './api-routes.ts';
import { Moment, readMoment } from './calls/search-text.ts';

const TYPES = { xml: 'text/xml; charset=utf-8', json: 'application/json; charset=utf-8' };
/** A browser that is shown a document must not take a caller's name for markup of ours. */
const PASSIVE = {
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
};

const Query = Type.Object({
  format: Type.Optional(
    Type.Union([Type.Literal('xml'), Type.Literal('json')], {
      description: 'where the leg has both; by default the one that its row was made of',
    }),
  ),
  start: Moment(
    'when the leg began, to two seconds: where several legs have this uuid; the latest by default',
  ),
  decoded: Type.Boolean({
    default: false,
    description: 'as JSON with all values decoded, whatever the format',
  }),
});

const OTHERS =
  'other legs with this uuid, each by its start: `<path?start=…>; rel="alternate"`, the latest first';
/** Proxies take no headers of any length. */
const MOST_OTHERS = 20;

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
        problems: [422, 500],
        response: {
          200: {
            description: 'The document',
            content: Documents,
            headers: { link: Type.String({ description: OTHERS }) },
          },
        },
      },
    },
    async (request, reply) => {
      const { uuid } = request.params;
      const { format, start, decoded } = request.query;
      const documents = await findDocuments(pool, { uuid, tenant: accessOf(request).tenant });
      const chosen = chooseDocument(documents, { format, startUs: readMoment(start) });
      if (chosen === undefined) {
        throw new HttpError(
          404,
          'document-not-found',
          `there is no document of leg ${uuid}: never seen, or its time is over`,
        );
      }
      const { document } = chosen;
      const bytes = await openDocument(pool, document);
      void reply.headers({ ...PASSIVE, ...linksTo(chosen) });
      if (decoded) return reply.send({ format: document.format, ...readDocument(document.format, bytes) });
      return reply.header('content-type', TYPES[document.format]).send(bytes);
    },
  );
}

/** Where a leg's document is. */
export function documentPath({ uuid, start_us }: { uuid: string; start_us: number }): string {
  return `/v1/cdrs/${encodeURIComponent(uuid)}/document?start=${toInstant(start_us)}`;
}

function linksTo({ document: { uuid }, otherStartsUs }: ChosenDocument): { link?: string } {
  if (otherStartsUs.length === 0) return {};
  const paths = otherStartsUs.slice(0, MOST_OTHERS).map((start_us) => documentPath({ uuid, start_us }));
  return { link: paths.map((path) => `<${path}>; rel="alternate"`).join(', ') };
}
