import { type Refusal, refusalsOf, refuse } from './refusal.ts';
import type { Author, Field, FieldContext, Item, Json, Resource } from './resource.ts';

/** How what is given is understood: `replace` sets what is left out to its default, `patch` leaves it as it is. */
export type WriteMode = 'create' | 'replace' | 'patch';

/** A checked item, ready to be stored. */
export interface CheckedItem {
  /** values of columns */
  columns: Record<string, Json>;
  /** what stands in tables of its own, by field */
  parts: Record<string, Json>;
  /** names of secrets that are set */
  secrets: string[];
}

/** Applies every field's rule; tells all that is wrong at once. @throws CodedError `value-refused` */
export function checkItem(
  resource: Resource,
  { given, before, mode, author }: { given: Item; before: Item | undefined; mode: WriteMode; author: Author },
): CheckedItem {
  const values = valuesOf(resource, given, before === undefined || mode === 'replace');
  const after: Record<string, Json> = { ...before, ...values };
  const checked: CheckedItem = { columns: {}, parts: {}, secrets: [] };
  const refusals: Refusal[] = [
    ...missing(resource, values, before),
    ...fixed(resource, values, before),
    ...reserved(resource, values, { before, author }),
  ];
  for (const [name, value] of Object.entries(values)) {
    const field = resource.fields[name];
    if (field === undefined || field.kind === 'read-only') continue;
    // what names a thing stays as it was written: hashes are made with it
    if (field.isFixed && before !== undefined) continue;
    const context = { field: name, author, before, after };
    try {
      const stored = value === null || field.check === undefined ? value : field.check(value, context);
      after[name] = stored;
      store(checked, field, stored, context);
    } catch (error) {
      const found = refusalsOf(error);
      if (found === undefined) throw error;
      refusals.push(...found.map(({ reason }) => ({ field: name, reason })));
    }
  }
  if (refusals.length > 0) throw refuse(...refusals);
  return checked;
}

function store(checked: CheckedItem, field: Field, value: Json, context: FieldContext): void {
  if (field.kind === 'secret') checked.secrets.push(context.field);
  if (field.write !== undefined) checked.parts[context.field] = value;
  else Object.assign(checked.columns, field.columns?.(value, context) ?? { [context.field]: value });
}

/** What was given, and the defaults of what was not where the thing is made as a whole. */
function valuesOf({ fields }: Resource, given: Item, isWhole: boolean): Record<string, Json> {
  const values: Record<string, Json> = {};
  for (const [name, field] of Object.entries(fields)) {
    const value = given[name];
    if (value !== undefined) values[name] = value;
    else if (isWhole && field.default !== undefined) values[name] = field.default;
  }
  return values;
}

function missing({ fields }: Resource, values: Item, before: Item | undefined): Refusal[] {
  if (before !== undefined) return [];
  return Object.entries(fields)
    .filter(([name, field]) => field.isRequired && values[name] === undefined)
    .map(([field]) => ({ field, reason: 'is needed' }));
}

function fixed({ fields }: Resource, values: Item, before: Item | undefined): Refusal[] {
  if (before === undefined) return [];
  return Object.entries(fields)
    .filter(
      ([name, field]) => field.isFixed && values[name] !== undefined && !isSame(values[name], before[name]),
    )
    .map(([field]) => ({ field, reason: 'cannot be changed: make another one' }));
}

function reserved(
  { fields }: Resource,
  values: Item,
  { before, author }: { before: Item | undefined; author: Author },
): Refusal[] {
  if (author.tenant === undefined) return [];
  return Object.entries(fields)
    .filter(([name, field]) => {
      const stored = before?.[name] ?? field.default ?? null;
      return (
        field.isFleetOnly &&
        values[name] !== undefined &&
        JSON.stringify(values[name]) !== JSON.stringify(stored)
      );
    })
    .map(([field]) => ({ field, reason: "is not for a tenant's token" }));
}

/** Names match without regard to case in FreeSWITCH: another case of the same name is no change. */
function isSame(left: Json | undefined, right: Json | undefined): boolean {
  return String(left).toLowerCase() === String(right).toLowerCase();
}
