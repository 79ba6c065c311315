import { STATUS_CODES } from 'node:http';
import { CodedError } from '../../../libs/errors/coded-error.ts';
import { PROBLEMS, Problem, TAGS } from './components.ts';
import type { DocumentedRoute } from './route-schema.ts';

type Json = Readonly<Record<string, unknown>>;

export interface OpenApiDocument {
  openapi: '3.1.0';
  info: Json;
  paths: Record<string, Record<string, Json>>;
  [part: string]: unknown;
}

const BODY_PROBLEMS = [413, 415];

/**
 * The OpenAPI 3.1 document of routes. TypeBox schemas are JSON Schema, and so is 3.1: they pass as they are, and those
 * with a title are told once, among the components. @throws CodedError `schema-title-taken`
 */
export function buildDocument(routes: readonly DocumentedRoute[], version: string): OpenApiDocument {
  const schemas: Record<string, unknown> = {};
  const shared = (schema: unknown) => shareTitled(schema, schemas);
  const paths: OpenApiDocument['paths'] = {};
  for (const route of routes) {
    const path = route.url.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: toOperation(route, shared) };
  }
  const used = new Set(routes.map(({ tag }) => tag));
  return {
    openapi: '3.1.0',
    info: {
      title: 'switchfleet',
      version,
      description: 'One backend for a fleet of FreeSWITCH servers behind Kamailio.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    tags: Object.entries(TAGS)
      .filter(([name]) => used.has(name))
      .map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'a token of `switchfleet token create`' },
      },
      responses: problemResponses(routes, shared),
      schemas,
    },
  };
}

type Share = (schema: unknown) => unknown;

function toOperation(route: DocumentedRoute, shared: Share): Json {
  const { method, url, tag, summary, description, access } = route;
  const body = bodyOf(route);
  const parameters = [
    ...toParameters('path', route.params),
    ...toParameters('query', route.querystring),
    ...toParameters('header', route.headers),
  ];
  return {
    operationId: operationId(method, url),
    summary,
    description: [description, accessWords(access)].filter(Boolean).join('\n\n'),
    tags: [tag],
    ...(access === undefined ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: toContent(body, shared) } }),
    responses: toResponses(route, shared),
    ...(access === undefined ? {} : { 'x-access': access }),
  };
}

function bodyOf({ body, requestContent }: DocumentedRoute): Json | undefined {
  return requestContent === undefined ? body : { content: requestContent };
}

function accessWords(access: DocumentedRoute['access']): string {
  if (access === undefined) return 'For everybody, without a token.';
  const scope =
    access.tenant === 'own' ? "A tenant's token sees its tenant's part." : 'For tokens of the whole fleet.';
  return `Needs the role ${access.role}. ${scope}`;
}

/** `GET /v1/calls/:id/recordings` → `getCallsByIdRecordings`. */
function operationId(method: string, url: string): string {
  const words = url
    .split('/')
    .slice(2)
    .map((part) => (part.startsWith(':') ? `by-${part.slice(1)}` : part))
    .flatMap((part) => part.split(/[-_.]/));
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function toParameters(place: string, schema: Json | undefined): Json[] {
  const { properties = {}, required = [] } = (schema ?? {}) as {
    properties?: Record<string, Json>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === 'path' || (required.includes(name) && rest['default'] === undefined),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }));
}

/** A schema, or `{ content: { 'text/csv': { schema } } }` as Fastify knows it too. */
function toContent({ headers: _headers, ...schema }: Json, shared: Share): Json {
  const content = (schema['content'] ?? { 'application/json': { schema } }) as Record<
    string,
    { schema: unknown }
  >;
  return Object.fromEntries(
    Object.entries(content).map(([type, media]) => [type, { schema: shared(media.schema) }]),
  );
}

function toResponses(route: DocumentedRoute, shared: Share): Json {
  const given = Object.entries((route.response ?? {}) as Record<string, Json>).map(([status, schema]) => [
    status,
    {
      description: schema['description'] ?? STATUS_CODES[status] ?? 'Answer',
      ...(schema['type'] === 'null' ? {} : { content: toContent(schema, shared) }),
      ...(schema['headers'] === undefined ? {} : { headers: toHeaders(schema['headers'] as Json) }),
    },
  ]);
  const problems = problemsOf(route).map((status) => [
    status,
    { $ref: `#/components/responses/${nameOf(status)}` },
  ]);
  return Object.fromEntries([...given, ...problems]);
}

function toHeaders(headers: Json): Json {
  return Object.fromEntries(Object.entries(headers).map(([name, schema]) => [name, { schema }]));
}

function problemsOf({
  access,
  params,
  querystring,
  headers,
  body,
  problems = [],
}: DocumentedRoute): number[] {
  if (access === undefined) return [...problems];
  const hasInput = [params, querystring, headers, body].some((part) => part !== undefined);
  return [
    ...new Set([
      ...(hasInput ? [400] : []),
      401,
      403,
      ...(params === undefined ? [] : [404, 414]),
      ...(body === undefined ? [] : BODY_PROBLEMS),
      429,
      503,
      ...problems,
    ]),
  ].sort((a, b) => a - b);
}

function nameOf(status: number): string {
  return (STATUS_CODES[status] ?? String(status)).replace(/[^A-Za-z]/g, '');
}

function problemResponses(routes: readonly DocumentedRoute[], shared: Share): Json {
  const statuses = [...new Set(routes.flatMap(problemsOf))].sort((a, b) => a - b);
  const content = { 'application/problem+json': { schema: shared(Problem) } };
  return Object.fromEntries(
    statuses.map((status) => [
      nameOf(status),
      { description: PROBLEMS[status] ?? STATUS_CODES[status], content },
    ]),
  );
}

/** Replaces every schema that has a title by a reference to the one among the components. */
function shareTitled(schema: unknown, schemas: Record<string, unknown>): unknown {
  if (Array.isArray(schema)) return schema.map((part) => shareTitled(part, schemas));
  if (typeof schema !== 'object' || schema === null) return schema;
  const told = Object.fromEntries(
    Object.entries(schema).map(([key, part]) => [key, shareTitled(part, schemas)]),
  );
  const title = told['title'];
  if (typeof title !== 'string') return told;
  if (schemas[title] !== undefined && JSON.stringify(schemas[title]) !== JSON.stringify(told)) {
    throw new CodedError('schema-title-taken', `two different schemas have the title ${title}`);
  }
  schemas[title] = told;
  return { $ref: `#/components/schemas/${title}` };
}
