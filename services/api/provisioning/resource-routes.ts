import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Pool } from '../../../libs/postgres/database.ts';
import { etagOf } from '../../../libs/provisioning/resource/etag.ts';
import { defaultSort, listItems } from '../../../libs/provisioning/resource/list.ts';
import { refuse } from '../../../libs/provisioning/resource/refusal.ts';
import type { Item, Resource } from '../../../libs/provisioning/resource/resource.ts';
import type { StoredItem } from '../../../libs/provisioning/resource/rows.sql.ts';
import {
  createdSchema,
  createSchema,
  filterSchemas,
  itemSchema,
  keySchema,
  patchSchema,
  replaceSchema,
  sortWords,
} from '../../../libs/provisioning/resource/schemas.ts';
import {
  type ChangeOptions,
  getItem,
  removeItem,
  writeItem,
} from '../../../libs/provisioning/resource/service.ts';
import type { SecretBox } from '../../../libs/sealing/secret-box.ts';
import { accessOf } from '../access/access.ts';
import type { ApiRoutes } from '../api-routes.ts';
import { pageOf } from '../page.ts';
import { authorOf } from './author.ts';
import { repeatOf } from './repeated-request.ts';

export interface ResourceDeps {
  /** the primary: who changes something sees it in the next list */
  pool: Pool;
  box: SecretBox | undefined;
}

const DryRun = Type.Object({
  dry_run: Type.Boolean({ default: false, description: 'everything is checked and nothing is kept' }),
});
const IfMatch = Type.Object({
  'if-match': Type.Optional(
    Type.String({
      maxLength: 1000,
      description: 'the ETag of what is changed; 412 when it is another one by now',
    }),
  ),
});
const RepeatKey = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      pattern: '^[\\x21-\\x7e]+$',
      description: 'the same key and body again within a day give the same answer, once done',
    }),
  ),
});
const ETAG = { ETag: Type.String({ description: 'names this version' }) };

/** `GET`, `POST` of a resource and `GET`, `PUT`, `PATCH`, `DELETE` of each thing of it. */
export function addResourceRoutes(app: ApiRoutes, resource: Resource, deps: ResourceDeps): void {
  addReads(app, resource, deps);
  addCreate(app, resource, deps);
  addChanges(app, resource, deps);
  addDelete(app, resource, deps);
}

export const pathOf = ({ name }: Resource) => `/v1/${name}`;
export const itemPath = (resource: Resource) =>
  [pathOf(resource), ...resource.key.map(({ field }) => `:${field}`)].join('/');

function addReads(app: ApiRoutes, resource: Resource, { pool, box }: ResourceDeps): void {
  const { tag, words, read: access } = resource;
  app.get(
    pathOf(resource),
    {
      config: { access },
      schema: {
        summary: `List ${words[1]}`,
        tag,
        querystring: listQuery(resource),
        response: { 200: pageOf(itemSchema(resource)) },
      },
    },
    async (request) => {
      const { limit, cursor, sort, q, ...filters } = request.query as ListQuery & Item;
      const { tenant } = accessOf(request);
      return listItems(pool, resource, { tenant, filters, q, sort, cursor, limit });
    },
  );
  app.get(
    itemPath(resource),
    {
      config: { access },
      schema: {
        summary: `Get one ${words[0]}`,
        tag,
        params: keySchema(resource),
        response: { 200: described(itemSchema(resource), 'As it is now', ETAG) },
      },
    },
    async (request, reply) => {
      const stored = await getItem(pool, resource, request.params as Item, authorOf(request, box));
      return answer(reply, resource, stored);
    },
  );
}

interface ListQuery {
  limit: number;
  sort: string;
  q?: string;
  cursor?: string;
}

function listQuery(resource: Resource) {
  return Type.Object({
    ...filterSchemas(resource),
    ...searchSchema(resource),
    sort: Type.Enum(sortWords(resource), {
      default: defaultSort(resource),
      description: 'with - before it: from the end',
    }),
    limit: Type.Integer({
      minimum: 1,
      maximum: 500,
      default: 50,
      description: 'items of one page at the most',
    }),
    cursor: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 2000,
        description: '`next_cursor` of the page before, sorted the same way',
      }),
    ),
  });
}

/** `q`, where a resource can be searched. */
export function searchSchema({ search }: Resource): Record<string, Type.TSchema> {
  if (search === undefined) return {};
  const description = `part of ${search.join(', ')}`;
  return {
    q: Type.Optional(Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\u0000]+$', description })),
  };
}

function addCreate(app: ApiRoutes, resource: Resource, { pool, box }: ResourceDeps): void {
  const { tag, words, write: access } = resource;
  app.post(
    pathOf(resource),
    {
      config: { access },
      schema: {
        summary: `Make a ${words[0]}`,
        tag,
        querystring: DryRun,
        headers: RepeatKey,
        body: createSchema(resource),
        response: {
          200: described(createdSchema(resource), 'As it would be: nothing is kept of a dry run'),
          201: described(createdSchema(resource), 'Made', { ...ETAG, Location: Type.String() }),
        },
        problems: [404, 409, 422],
      },
    },
    async (request, reply) => {
      const { dry_run: dryRun } = request.query;
      const body = request.body as Item;
      const options = {
        author: authorOf(request, box),
        mode: 'create',
        dryRun,
        repeat: repeatOf(request),
      } as const;
      const { stored, shown } = await writeItem(pool, resource, body, options);
      if (dryRun) return reply.code(200).send({ ...stored.item, ...shown });
      const parts = resource.key.map(({ field }) => encodeURIComponent(String(stored.item[field])));
      void reply
        .header('location', [pathOf(resource), ...parts].join('/'))
        .header('etag', etagOf(resource, stored));
      return reply.code(201).send({ ...stored.item, ...shown });
    },
  );
}

function addChanges(app: ApiRoutes, resource: Resource, { pool, box }: ResourceDeps): void {
  const { tag, words, write: access, fields, key } = resource;
  const ways = [
    ['PUT', 'replace', `Replace a ${words[0]}`, replaceSchema(resource)],
    ['PATCH', 'patch', `Change a ${words[0]}`, patchSchema(resource)],
  ] as const;
  // a thing that is its name only has nothing to change
  if (Object.keys(fields).length === key.length) return;
  for (const [method, mode, summary, body] of ways) {
    app.route({
      method,
      url: itemPath(resource),
      config: { access },
      schema: {
        summary,
        tag,
        params: keySchema(resource),
        querystring: DryRun,
        headers: IfMatch,
        body,
        response: { 200: described(itemSchema(resource), 'As it is now', ETAG) },
        problems: [409, 412, 422],
      },
      handler: async (request, reply) => {
        const options = { ...changeOf(request, box), mode };
        const given = withKey(resource, request);
        const { stored } = await writeItem(pool, resource, given, options);
        return answer(reply, resource, stored);
      },
    });
  }
}

/** The path names the thing; what the body says of its name must be the same, and `isFixed` sees to that. */
function withKey({ key }: Resource, request: FastifyRequest): Item {
  const params = request.params as Item;
  const body = request.body as Item;
  const differs = key.filter(
    ({ field }) =>
      body[field] !== undefined && String(body[field]).toLowerCase() !== String(params[field]).toLowerCase(),
  );
  const [first] = differs;
  if (first === undefined) return { ...body, ...params };
  throw refuse({ field: first.field, reason: 'is another one than in the path' });
}

function changeOf(request: FastifyRequest, box: SecretBox | undefined): Omit<ChangeOptions, 'mode'> {
  const { dry_run: dryRun } = request.query as { dry_run: boolean };
  return { author: authorOf(request, box), dryRun, ifMatch: request.headers['if-match'] };
}

function addDelete(app: ApiRoutes, resource: Resource, { pool, box }: ResourceDeps): void {
  const { tag, words, write: access } = resource;
  app.delete(
    itemPath(resource),
    {
      config: { access },
      schema: {
        summary: `Remove a ${words[0]}`,
        tag,
        params: keySchema(resource),
        querystring: DryRun,
        headers: IfMatch,
        response: { 204: Type.Null({ description: 'It is gone, or would be' }) },
        problems: [409, 412],
      },
    },
    async (request, reply) => {
      await removeItem(pool, resource, request.params as Item, changeOf(request, box));
      return reply.code(204).send(null);
    },
  );
}

function answer(reply: FastifyReply, resource: Resource, stored: StoredItem): FastifyReply {
  return reply.header('etag', etagOf(resource, stored)).send(stored.item);
}

/** A schema of an answer with what the document says of it. */
export function described(schema: Type.TSchema, description: string, headers?: Record<string, Type.TSchema>) {
  return { description, ...(headers && { headers }), content: { 'application/json': { schema } } };
}
