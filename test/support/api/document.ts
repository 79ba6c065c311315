import type { testApi } from './api.ts';

/** A JSON schema, as far as samples need it. */
export interface Schema {
  type?: string;
  $ref?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  [keyword: string]: unknown;
}

export interface Parameter {
  name: string;
  in: string;
  required: boolean;
  schema: Schema;
}

/** One operation of the document. */
export interface Operation {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  operationId: string;
  access: { role: string; tenant: 'own' | 'fleet' };
  parameters: Parameter[];
  body: Schema | undefined;
  /** type of the body */
  bodyType: string | undefined;
  responses: Record<string, unknown>;
}

interface Media {
  content?: Record<string, { schema: Schema }>;
}

interface Told {
  operationId: string;
  'x-access': Operation['access'];
  parameters?: Parameter[];
  requestBody?: Media;
  responses: Record<string, unknown>;
}

/** The operations of the served document, with every reference resolved. */
export async function readOperations({
  ask,
}: Pick<Awaited<ReturnType<typeof testApi>>, 'ask'>): Promise<Operation[]> {
  const { body: document } = await ask('GET', '/v1/openapi.json');
  const paths = resolve(document['paths'], document) as Record<string, Record<string, Told>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, told]) => {
      const [bodyType, media] = Object.entries(told.requestBody?.content ?? {})[0] ?? [];
      return {
        method: method.toUpperCase() as Operation['method'],
        path,
        operationId: told.operationId,
        access: told['x-access'],
        parameters: told.parameters ?? [],
        body: media?.schema,
        bodyType,
        responses: told.responses,
      };
    }),
  );
}

function resolve(value: unknown, root: unknown): unknown {
  if (Array.isArray(value)) return value.map((part) => resolve(part, root));
  if (typeof value !== 'object' || value === null) return value;
  const { $ref } = value as Schema;
  if (typeof $ref === 'string') return resolve(at(root, $ref), root);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, resolve(part, root)]));
}

function at(root: unknown, reference: string): unknown {
  return reference
    .split('/')
    .slice(1)
    .reduce<unknown>((part, name) => (part as Record<string, unknown>)[name], root);
}

/** A path with its parameters filled in. */
export function fillPath({ path }: Operation, values: Readonly<Record<string, unknown>>): string {
  return path.replace(/\{(\w+)\}/g, (_whole, name: string) =>
    encodeURIComponent(String(values[name] ?? 'nothing')),
  );
}
