import type { RouteOptions } from 'fastify';
import { CodedError } from '../../../libs/errors/coded-error.ts';
import type { RouteAccess } from '../access/access.ts';

type Json = Readonly<Record<string, unknown>>;

/** What a route says of itself beside the schemas of its parts. */
export interface RouteWords {
  /** one line, shown in lists */
  summary?: string;
  description?: string;
  /** the heading it stands under: one of `TAGS` */
  tag?: string;
  /** answers that are problems, beside those that every route may give (400, 401, 403, 404 of a path, 429, 503) */
  problems?: readonly number[];
  /** bodies that are no JSON, by their type: told in the document, checked by the route */
  requestContent?: Json;
}

declare module 'fastify' {
  interface FastifySchema extends RouteWords {}
}

/** A route as the document tells it. */
export interface DocumentedRoute extends RouteWords {
  method: string;
  url: string;
  access: RouteAccess | undefined;
  params?: Json | undefined;
  querystring?: Json | undefined;
  headers?: Json | undefined;
  body?: Json | undefined;
  response?: Json | undefined;
}

/** What a Fastify route declares. @throws CodedError `route-undocumented` */
export function documentRoute({ method, url, schema, config }: RouteOptions): DocumentedRoute {
  if (schema?.summary === undefined || schema.tag === undefined) {
    throw new CodedError('route-undocumented', `${method} ${url} has no summary or tag in its schema`);
  }
  return {
    ...(schema as RouteWords),
    ...schema,
    method: String(method),
    url,
    access: config?.access,
  } as DocumentedRoute;
}
