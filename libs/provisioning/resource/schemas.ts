import { Type } from 'typebox';
import type { Field, Resource } from './resource.ts';

const CLOSED = { additionalProperties: false } as const;

type Named = [name: string, field: Field];

const entriesOf = (resource: Resource, keep: (name: string, field: Field) => boolean): Named[] =>
  Object.entries(resource.fields).filter(([name, field]) => keep(name, field));

const isKey = ({ key }: Resource, name: string) => key.some(({ field }) => field === name);

/** A thing as it is shown. */
export function itemSchema(resource: Resource): Type.TSchema {
  const shown = entriesOf(resource, (_name, { kind }) => kind !== 'secret');
  return Type.Object(Object.fromEntries(shown.map(([name, { schema }]) => [name, schema])), {
    title: resource.title,
  });
}

/** What a create answers: the thing, and what is told only then. */
export function createdSchema(resource: Resource): Type.TSchema {
  if (resource.shown === undefined) return itemSchema(resource);
  const { properties } = itemSchema(resource) as Type.TObject;
  return Type.Object({ ...properties, ...resource.shown }, { title: `New${resource.title}` });
}

/** What makes a thing. */
export function createSchema(resource: Resource): Type.TSchema {
  const fields = entriesOf(resource, (_name, { kind }) => kind !== 'read-only');
  const properties = fields.map(([name, field]) => [
    name,
    field.isRequired ? field.schema : Type.Optional(withDefault(field)),
  ]);
  return Type.Object(Object.fromEntries(properties), { ...CLOSED, title: `${resource.title}Create` });
}

/** What a thing is replaced by. The path has its name already, and secrets that are left out stay. */
export function replaceSchema(resource: Resource): Type.TSchema {
  const fields = entriesOf(resource, (_name, { kind }) => kind !== 'read-only');
  const properties = fields.map(([name, field]) => {
    const isNeeded = field.isRequired && field.kind !== 'secret' && !isKey(resource, name);
    return [name, isNeeded ? field.schema : Type.Optional(withDefault(field))];
  });
  return Type.Object(Object.fromEntries(properties), { ...CLOSED, title: `${resource.title}Replace` });
}

/** What changes a thing: RFC 7396 for its fields; what is left out stays. */
export function patchSchema(resource: Resource): Type.TSchema {
  const fields = entriesOf(resource, (name, { kind }) => kind !== 'read-only' && !isKey(resource, name));
  return Type.Object(Object.fromEntries(fields.map(([name, { schema }]) => [name, Type.Optional(schema)])), {
    ...CLOSED,
    title: `${resource.title}Patch`,
  });
}

/** The parts of a path that name a thing. */
export function keySchema(resource: Resource): Type.TSchema {
  return Type.Object(
    Object.fromEntries(
      resource.key.map(({ field }) => [field, resource.fields[field]?.schema ?? Type.String()]),
    ),
  );
}

/** Filters of a list: each is the value that the field must have. */
export function filterSchemas(resource: Resource): Record<string, Type.TSchema> {
  const fields = entriesOf(resource, (_name, { isFilter }) => isFilter === true);
  return Object.fromEntries(fields.map(([name, { schema }]) => [name, Type.Optional(withoutNull(schema))]));
}

/** What a list may be sorted by, forwards and backwards. */
export function sortWords(resource: Resource): string[] {
  const fields = entriesOf(resource, (_name, { sortType }) => sortType !== undefined);
  return fields.flatMap(([name]) => [name, `-${name}`]);
}

/** For people: what is stored when nothing is given. The rule that stores it is not the validator's. */
function withDefault({ schema, default: value }: Field): Type.TSchema {
  if (value === undefined || value === null) return schema;
  const { description } = schema as { description?: string };
  const words = [description, `${JSON.stringify(value)} by default`].filter(Boolean).join('; ');
  return { ...schema, description: words };
}

function withoutNull(schema: Type.TSchema): Type.TSchema {
  const { anyOf } = schema as { anyOf?: Type.TSchema[] };
  const [first, ...rest] = (anyOf ?? []).filter((part) => (part as { type?: string }).type !== 'null');
  return first !== undefined && rest.length === 0 ? first : schema;
}
