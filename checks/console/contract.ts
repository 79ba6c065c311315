import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { CodedError } from '../../libs/errors/coded-error.ts';
import type { OpenApiDocument } from '../../services/api/openapi/document.ts';

/** What the console asks of the api, and what it calls the answers. */
const ANSWERS: readonly (readonly [name: string, method: string, path: string])[] = [
  ['Access', 'get', '/v1/access'],
  ['NodePage', 'get', '/v1/nodes'],
  ['NodeOrder', 'post', '/v1/nodes/{switchname}/drain'],
  ['DiscoveredNodes', 'get', '/v1/discovered-nodes'],
  ['CallPage', 'get', '/v1/calls'],
  ['CallFacets', 'get', '/v1/calls/facets'],
  ['CallDetail', 'get', '/v1/calls/{id}'],
  ['Recordings', 'get', '/v1/calls/{id}/recordings'],
  ['Kpis', 'get', '/v1/reports/kpis'],
  ['Concurrency', 'get', '/v1/reports/concurrency'],
  ['Explanation', 'get', '/v1/routing/explain'],
  ['RoutingPreview', 'post', '/v1/routing/preview/dids'],
  ['ImportReport', 'post', '/v1/users.csv'],
  ['SystemState', 'get', '/v1/system'],
  ['RejectPage', 'get', '/v1/cdr-rejects'],
  ['RejectDetail', 'get', '/v1/cdr-rejects/{id}'],
  ['RejectReplayed', 'post', '/v1/cdr-rejects/{id}/replay'],
  ['AuditPage', 'get', '/v1/audit'],
  ['TokenPage', 'get', '/v1/tokens'],
];

type Schema = Readonly<Record<string, unknown>>;

/** The types of the answers that the console reads, as the document of the api tells them. @throws CodedError `answer-undocumented` */
export function writeContract(document: OpenApiDocument): string {
  const { schemas } = document['components'] as { schemas: Record<string, Schema> };
  const types = ANSWERS.map(
    ([name, method, path]) => `export type ${name} = ${typeOf(answerOf(document, method, path), schemas)};`,
  );
  const head =
    '/** Made by `npx node checks/console/write-contract.ts` of /v1/openapi.json: what the console reads of it. */';
  return format(`${head}\n\n${types.join('\n\n')}\n`);
}

function answerOf({ paths }: OpenApiDocument, method: string, path: string): Schema {
  const responses = paths[path]?.[method]?.['responses'] as
    | Record<string, { content?: Record<string, { schema: Schema }> }>
    | undefined;
  const schema = responses?.['200']?.content?.['application/json']?.schema;
  if (schema === undefined)
    throw new CodedError('answer-undocumented', `${method} ${path} has no answer 200`);
  return schema;
}

type Components = Readonly<Record<string, Schema>>;

function typeOf(schema: Schema, components: Components): string {
  const { $ref: reference, anyOf, enum: values, const: value, type } = schema;
  if (typeof reference === 'string')
    return typeOf(components[reference.split('/').at(-1) ?? ''] ?? {}, components);
  if (Array.isArray(anyOf)) return [...new Set(anyOf.map((part) => typeOf(part, components)))].join(' | ');
  if (Array.isArray(values)) return values.map((each) => JSON.stringify(each)).join(' | ');
  if (value !== undefined) return JSON.stringify(value);
  if (type === 'array') return `(${typeOf((schema['items'] ?? {}) as Schema, components)})[]`;
  if (type === 'object') return objectType(schema, components);
  return PLAIN[String(type)] ?? 'unknown';
}

const PLAIN: Readonly<Record<string, string>> = {
  string: 'string',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  null: 'null',
};

function objectType(
  { properties = {}, required = [], patternProperties, additionalProperties }: Schema,
  components: Components,
): string {
  const fields = Object.entries(properties as Record<string, Schema>);
  if (fields.length === 0) {
    const [pattern] = Object.values((patternProperties ?? {}) as Record<string, Schema>);
    const open = pattern ?? additionalProperties;
    const isKnown = typeof open === 'object' && open !== null;
    return `Record<string, ${isKnown ? typeOf(open as Schema, components) : 'unknown'}>`;
  }
  const needed = required as readonly string[];
  const lines = fields.map(([name, schema]) => {
    const { description } = schema;
    const words = typeof description === 'string' ? `/** ${description.replaceAll('*/', '')} */\n` : '';
    return `${words}${JSON.stringify(name)}${needed.includes(name) ? '' : '?'}: ${typeOf(schema, components)};`;
  });
  return `{\n${lines.join('\n')}\n}`;
}

const ROOT = resolve(import.meta.dirname, '../..');

function format(source: string): string {
  return execFileSync(
    resolve(ROOT, 'node_modules/.bin/biome'),
    ['format', '--stdin-file-path=console/api/contract.ts'],
    { cwd: ROOT, input: source, encoding: 'utf8', timeout: 60_000 },
  );
}
