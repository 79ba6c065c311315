import type { ClientBase } from 'pg';

/** Makes the tables of a staging, which go with the transaction. They are on no other server and in no log. */
export async function createStaging(client: ClientBase): Promise<void> {
  await client.query(
    'create temporary table import_portions (place integer primary key, rows text not null) on commit drop',
  );
  await client.query(
    'create temporary table import_names (name uuid primary key, line integer not null) on commit drop',
  );
}

/** Keeps a portion of rows. */
export async function insertPortion(client: ClientBase, place: number, rows: string): Promise<void> {
  await client.query('insert into pg_temp.import_portions values ($1, $2)', [place, rows]);
}

/** A portion that was kept. */
export async function readPortion(client: ClientBase, place: number): Promise<string> {
  const { rows } = await client.query<{ rows: string }>(
    'select rows from pg_temp.import_portions where place = $1',
    [place],
  );
  return rows[0]?.rows ?? '[]';
}

/** Notes on which line each name stands. Gives the lines whose name stood before: line → line before. */
export async function claimNames(
  client: ClientBase,
  named: readonly { name: string; line: number }[],
): Promise<Map<number, number>> {
  const { rows } = await client.query<{ line: number; before: number }>(
    `with given as (select md5(name)::uuid as name, line from unnest($1::text[], $2::integer[]) as each (name, line)),
     taken as (
       insert into pg_temp.import_names (name, line) select distinct on (name) name, line from given order by name, line
       on conflict do nothing returning name, line)
     select given.line, coalesce(earlier.line, taken.line) as before
     from given left join pg_temp.import_names earlier using (name) left join taken using (name)
     where coalesce(earlier.line, taken.line) <> given.line`,
    [named.map(({ name }) => name), named.map(({ line }) => line)],
  );
  return new Map(rows.map(({ line, before }) => [line, before]));
}
