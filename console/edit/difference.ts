import { tellValue } from '../parts/told-value.ts';
import type { Item, Kind } from './kind.ts';

/** One field that two versions of a thing differ in, in words. */
export interface Difference {
  field: string;
  from: string;
  to: string;
}

/** In what the second version differs from the first, among the fields of the second. Secrets are only told to be new. */
export function differencesOf({ fields }: Kind, from: Item | undefined, to: Item): Difference[] {
  const secrets = new Set(fields.filter(({ type }) => type === 'secret').map(({ name }) => name));
  return Object.keys(changesOf(from, to)).map((field) =>
    secrets.has(field)
      ? { field, from: from === undefined ? '–' : 'as it is', to: 'a new one' }
      : { field, from: tellValue(from?.[field]), to: tellValue(to[field]) },
  );
}

/** The fields that change, of all that a form says. */
export function changesOf(from: Item | undefined, to: Item): Item {
  return Object.fromEntries(
    Object.entries(to).filter(
      ([field, value]) => JSON.stringify(from?.[field] ?? null) !== JSON.stringify(value ?? null),
    ),
  );
}
