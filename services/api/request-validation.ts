import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { FastifyInstance, RouteOptions } from 'fastify';

/**
 * Checks requests strictly: what a route does not know is an error and not silently left out, so that a misspelt filter
 * never gives everything. Queries and paths are text and are read as numbers and booleans; bodies have types of their own.
 */
export function validateStrictly(app: FastifyInstance): void {
  const options = { useDefaults: true, allErrors: true, strict: true, strictTypes: false } as const;
  const ofText = new Ajv2020({ ...options, coerceTypes: 'array' });
  const ofBodies = new Ajv2020(options);
  for (const ajv of [ofText, ofBodies]) formats.default(ajv);
  app.setValidatorCompiler(({ schema, httpPart }) =>
    (httpPart === 'body' ? ofBodies : ofText).compile(schema),
  );
  app.addHook('onRoute', closeQuery);
}

function closeQuery(route: RouteOptions): void {
  const { schema } = route;
  if (schema === undefined) return;
  const query = schema.querystring ?? { type: 'object', properties: {} };
  route.schema = { ...schema, querystring: { additionalProperties: false, ...query } };
}
