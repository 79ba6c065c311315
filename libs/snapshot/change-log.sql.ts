import type { ClientBase } from 'pg';

/** One row of `config_changes`: the keys of one table and domain whose rows changed. No keys: all of the table. */
export interface ConfigChange {
  revision: number;
  table: string;
  domain: string | null;
  keys: string[];
}

/** What a reader at `revision` has to apply next. `isBehindFloor`: changes it needed were pruned. */
export interface ChangeBatch {
  isBehindFloor: boolean;
  changes: ConfigChange[];
}

/** The last revision that the transaction's snapshot sees. */
export async function readRevision(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ revision: string }>(
    `select greatest(
       (select coalesce(max(revision), 0) from config_changes),
       (select pruned_through from config_change_floor)) as revision`,
  );
  return Number(rows[0]?.revision ?? 0);
}

/** The changes above a revision, in commit order, at most `limit`. */
export async function readChanges(
  client: ClientBase,
  { revision, limit }: { revision: number; limit: number },
): Promise<ChangeBatch> {
  const { rows } = await client.query<{
    pruned_through: string;
    revision: string | null;
    table_name: string | null;
    domain: string | null;
    keys: string[] | null;
  }>(
    `select floor.pruned_through, change.revision, change.table_name, change.domain, change.keys
     from config_change_floor floor
     left join lateral (
       select revision, table_name, domain, keys from config_changes
       where revision > $1 order by revision limit $2
     ) change on true
     order by change.revision`,
    [revision, limit],
  );
  const changes = rows.flatMap((row) =>
    row.revision === null || row.table_name === null || row.keys === null
      ? []
      : [{ revision: Number(row.revision), table: row.table_name, domain: row.domain, keys: row.keys }],
  );
  return { isBehindFloor: Number(rows[0]?.pruned_through ?? 0) > revision, changes };
}

/** Forgets changes older than `hours`; readers that far behind load everything again. Returns how many went. */
export async function pruneChanges(client: ClientBase, { hours }: { hours: number }): Promise<number> {
  const { rows } = await client.query<{ pruned: string }>(
    `with pruned as (
       delete from config_changes where changed_at < now() - make_interval(hours => $1)
       returning revision
     ), floored as (
       update config_change_floor set pruned_through = greatest(pruned_through, (select max(revision) from pruned))
       where exists (select from pruned)
     )
     select count(*) as pruned from pruned`,
    [hours],
  );
  return Number(rows[0]?.pruned ?? 0);
}
