import type { ClientBase } from 'pg';
import type { MapChange } from './pairs.ts';

/** Columns of an entry that change: names are literals of ours, values are bound. A map's change is merged into it. */
export type ColumnChanges = Readonly<Record<string, ColumnValue | MapChange>>;
type ColumnValue = string | number | boolean | readonly string[] | null;

export interface Entry {
  table: 'users' | 'domains' | 'groups';
  /** which row, with `$1`, `$2` for `keys` */
  where: string;
  keys: readonly string[];
}

/** Changes one row; false when there is none. */
export async function updateEntry(
  client: ClientBase,
  { table, where, keys }: Entry,
  changes: ColumnChanges,
): Promise<boolean> {
  const values: unknown[] = [...keys];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const assignments = Object.entries(changes).map(([column, change]) =>
    isMapChange(change)
      ? `${column} = (${column} || ${bind(JSON.stringify(change.set))}::jsonb) - ${bind(change.unset)}::text[]`
      : `${column} = ${bind(change)}`,
  );
  if (assignments.length === 0) return exists(client, { table, where, keys });
  const { rowCount } = await client.query(
    `update ${table} set ${assignments.join(', ')} where ${where}`,
    values,
  );
  return rowCount === 1;
}

async function exists(client: ClientBase, { table, where, keys }: Entry): Promise<boolean> {
  const { rowCount } = await client.query(`select from ${table} where ${where}`, [...keys]);
  return rowCount === 1;
}

function isMapChange(change: ColumnValue | MapChange): change is MapChange {
  return typeof change === 'object' && change !== null && 'unset' in change;
}
