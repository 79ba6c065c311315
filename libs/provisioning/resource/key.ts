import { type Refusal, refusalsOf, refuse } from './refusal.ts';
import type { Author, Item, Json, Resource } from './resource.ts';

/** The fields of an item that name it; those that are not given are left out. */
export function keyOf({ key }: Resource, item: Item): Record<string, Json> {
  const parts = key.flatMap(({ field }) => {
    const value = item[field];
    return value === undefined ? [] : [[field, value] as const];
  });
  return Object.fromEntries(parts);
}

/** A key as one text, as in a path. */
export function keyText({ key }: Resource, item: Item): string {
  return key.map(({ field }) => String(item[field])).join('/');
}

/** An item with its key as it is stored: in lower case, in E.164, … @throws CodedError `value-refused` */
export function checkKey(resource: Resource, item: Item, author: Author): Item {
  const checked: Record<string, Json> = { ...item };
  const refusals: Refusal[] = [];
  for (const { field } of resource.key) {
    const { check, default: otherwise } = resource.fields[field] ?? {};
    const value = item[field] ?? otherwise;
    if (value !== undefined) checked[field] = value;
    if (value === undefined || value === null || check === undefined) continue;
    try {
      checked[field] = check(value, { field, author, before: undefined, after: checked });
    } catch (error) {
      const found = refusalsOf(error);
      if (found === undefined) throw error;
      refusals.push(...found.map(({ reason }) => ({ field, reason })));
    }
  }
  if (refusals.length > 0) throw refuse(...refusals);
  return checked;
}
