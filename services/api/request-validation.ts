import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { FastifyInstance, RouteOptions } from 'fastify';
import type { FastifyValidationResult } from 'fastify/types/schema.js';

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
    compiledWhenUsed(() => (httpPart === 'body' ? ofBodies : ofText).compile(schema as object)),
  );
  app.addHook('onRoute', closeQuery);
}

/** Compiling all schemas takes a second of the start, and most routes are never asked. */
function compiledWhenUsed(compile: () => ValidateFunction) {
  let validate: ValidateFunction | undefined;
  const check: FastifyValidationResult = (data: unknown) => {
    validate ??= compile();
    const isValid = validate(data) as boolean;
    check.errors = validate.errors ?? null;
    return isValid;
  };
  return check;
}

function closeQuery(route: RouteOptions): void {
  const { schema } = route;
  if (schema === undefined) return;
  const query = schema.querystring ?? { type: 'object', properties: {} };
  route.schema = { ...schema, querystring: { additionalProperties: false, ...query } };
}
