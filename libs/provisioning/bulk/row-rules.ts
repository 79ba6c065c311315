import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { Type } from 'typebox';
import type { Refusal } from '../resource/refusal.ts';
import type { Item, Resource } from '../resource/resource.ts';

/** What the schema of a resource says against a row; nothing: it may be stored. */
export type RowRules = (item: Item) => readonly Refusal[];

/** The rules of rows: as those of a create over the api, but what is left out may be stored already. */
export function createRowRules({ fields, key }: Resource): RowRules {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, useDefaults: true });
  formats.default(ajv);
  const taken = Object.entries(fields).filter(
    ([name, { kind }]) => kind !== 'read-only' || key.some(({ field }) => field === name),
  );
  const validate = ajv.compile(
    Type.Object(Object.fromEntries(taken.map(([name, { schema }]) => [name, Type.Optional(schema)])), {
      additionalProperties: false,
    }),
  );
  return (item) => (validate(item) ? [] : (validate.errors ?? []).map(toRefusal));
}

function toRefusal({ instancePath, params, message }: ErrorObject): Refusal {
  const named = params['additionalProperty'] as string | undefined;
  const field = [...instancePath.split('/').slice(1), ...(named === undefined ? [] : [named])].join('.');
  return { field, reason: named === undefined ? (message ?? 'is wrong') : 'is no field' };
}
