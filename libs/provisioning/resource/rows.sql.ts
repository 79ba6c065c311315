import type { ClientBase, Pool } from 'pg';
import type { Item, Json, Resource } from './resource.ts';

/** A stored thing: as the api shows it, and a text that differs whenever its row was written. */
export interface StoredItem {
  item: Item;
  version: string;
  /** whose it is; null: the fleet's */
  owner: string | null;
}

type Key = Readonly<Record<string, Json>>;

/** `json_build_object` of all fields that are shown. Names are literals of ours. */
export function itemExpression({ fields }: Resource): string {
  const pairs = Object.entries(fields)
    .filter(([, { kind }]) => kind !== 'secret')
    .map(([name, { read = `t.${name}` }]) => `'${name}', ${read}`);
  return `json_build_object(${pairs.join(', ')})`;
}

/** What every read gives of a row. */
export function storedColumns(resource: Resource): string {
  return `${itemExpression(resource)} as item, t.xmin::text as version, ${resource.owner ?? 'null'} as owner`;
}

/** `t`'s row is the one that `k` names. */
function matches({ key }: Resource): string {
  return key
    .map(({ field, isCaseless }) =>
      isCaseless ? `lower(t.${field}) = lower(k.${field})` : `t.${field} = k.${field}`,
    )
    .join(' and ');
}

/** A condition that holds for the tenant's rows; all when the parameter is null. */
export function tenantCondition({ tenant }: Resource, parameter: string): string {
  const rule = tenant === 'fleet' ? 'false' : tenant(parameter);
  return `(${parameter}::text is null or ${rule})`;
}

/** The rows that keys name, in the keys' order: place in `keys` → row. Those of other tenants are not there. */
export async function readItems(
  client: ClientBase | Pool,
  resource: Resource,
  { keys, tenant }: { keys: readonly Key[]; tenant: string | undefined },
): Promise<Map<number, StoredItem>> {
  const { rows } = await client.query<StoredItem & { place: string }>(
    `select k.place, ${storedColumns(resource)} from ${keyTable(resource)} join ${resource.table} t on ${matches(resource)}
     where ${tenantCondition(resource, '$2')}`,
    [JSON.stringify(keys), tenant ?? null],
  );
  return new Map(rows.map(({ place, ...stored }) => [Number(place) - 1, stored]));
}

/** Locks the rows that keys name, always in one order, so that two imports never wait for each other in a ring. */
export async function lockItems(client: ClientBase, resource: Resource, keys: readonly Key[]): Promise<void> {
  const order = resource.key.map(({ field }) => `t.${field}`).join(', ');
  await client.query(
    `select from ${keyTable(resource)} join ${resource.table} t on ${matches(resource)} order by ${order} for update of t`,
    [JSON.stringify(keys)],
  );
}

/** `$1`, a list of keys, as a table with their places. */
function keyTable({ table, key }: Resource): string {
  const columns = key.map(({ field }) => `given.${field}`).join(', ');
  return `(select given.ordinality as place, ${columns}
    from jsonb_populate_recordset(null::${table}, $1::jsonb) with ordinality as given) k`;
}

/** Adds rows with these columns; the rest has defaults. All rows have the same columns. Gives their keys, in order. */
export async function insertRows(
  client: ClientBase,
  { table, key }: Resource,
  rows: readonly Record<string, Json>[],
): Promise<Key[]> {
  const columns = Object.keys(rows[0] ?? {});
  const keys = key.map(({ field }) => `'${field}', t.${field}`).join(', ');
  const { rows: written } = await client.query<{ key: Key }>(
    `insert into ${table} as t (${columns.join(', ')})
     select ${columns.map((column) => `given.${column}`).join(', ')} from jsonb_populate_recordset(null::${table}, $1::jsonb) given
     returning json_build_object(${keys}) as key`,
    [JSON.stringify(rows)],
  );
  return written.map((row) => row.key);
}

/** Changes these columns of the rows that `keys` name: the key of each stands beside its columns. */
export async function updateRows(
  client: ClientBase,
  resource: Resource,
  changes: readonly { key: Key; columns: Record<string, Json> }[],
): Promise<void> {
  const { table, key } = resource;
  const columns = Object.keys(changes[0]?.columns ?? {});
  if (columns.length === 0) return;
  const keys = key.map(({ field }) => `k.${field}`).join(', ');
  const given = columns.map((column) => `given.${column} as given_${column}`).join(', ');
  await client.query(
    `update ${table} t set ${columns.map((column) => `${column} = k.given_${column}`).join(', ')}
     from (
       select ${keys}, ${given}
       from jsonb_populate_recordset(null::${table}, $1::jsonb) with ordinality as k
       join jsonb_populate_recordset(null::${table}, $2::jsonb) with ordinality as given using (ordinality)
     ) k where ${matches(resource)}`,
    [
      JSON.stringify(changes.map((change) => change.key)),
      JSON.stringify(changes.map((change) => change.columns)),
    ],
  );
}

/** What still uses the row that a key names; undefined: nothing does. */
export async function readUse(
  client: ClientBase | Pool,
  resource: Resource,
  key: Key,
): Promise<string | undefined> {
  if (resource.usedBy === undefined) return undefined;
  const { rows } = await client.query<{ use: string | null }>(
    `select ${resource.usedBy} as use from ${keyTable(resource)} join ${resource.table} t on ${matches(resource)}`,
    [JSON.stringify([key])],
  );
  return rows[0]?.use ?? undefined;
}

/** Removes the row that a key names. */
export async function deleteRow(client: ClientBase, resource: Resource, key: Key): Promise<void> {
  await client.query(
    `delete from ${resource.table} t using ${keyTable(resource)} where ${matches(resource)}`,
    [JSON.stringify([key])],
  );
}
