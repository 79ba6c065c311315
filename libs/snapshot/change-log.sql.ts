import type { ClientBase } from 'pg';

/** A place in the log: a revision, and what tells its row from another one that was given the same revision. */
export interface Position {
  revision: number;
  /** null: the row is pruned, so that nothing can be said of it */
  mark: string | null;
}

/** One row of `config_changes`: the keys of one table and domain whose rows changed. No keys: all of the table. */
export interface ConfigChange extends Position {
  table: string;
  domain: string | null;
  keys: string[];
}

/** What a reader at a position has to apply next. */
export interface ChangeBatch {
  /** changes that it needed were pruned */
  isBehindFloor: boolean;
  /**
   * The change that the reader applied last is not in this log: the database is one that was restored, or a standby that took
   * over without it. What the reader holds beyond is nowhere, and revisions are given a second time.
   */
  isOtherHistory: boolean;
  changes: ConfigChange[];
}

/** Commits of one microsecond have rows of their own. */
const MARK = `id || ' ' || extract(epoch from changed_at)`;

/** The end of the log, as far as the transaction's snapshot sees it. */
export async function readPosition(client: ClientBase): Promise<Position> {
  const { rows } = await client.query<{ revision: string; mark: string | null }>(
    `select last.revision, ${MARK} as mark
     from (select greatest(
       (select coalesce(max(revision), 0) from config_changes),
       (select pruned_through from config_change_floor)) as revision) last
     left join config_changes using (revision)`,
  );
  return { revision: Number(rows[0]?.revision ?? 0), mark: rows[0]?.mark ?? null };
}

/** The changes above a position, in commit order, at most `limit`. */
export async function readChanges(
  client: ClientBase,
  { revision, mark, limit }: Position & { limit: number },
): Promise<ChangeBatch> {
  const { rows } = await client.query<{
    pruned_through: string;
    last_mark: string | null;
    revision: string | null;
    mark: string | null;
    table_name: string | null;
    domain: string | null;
    keys: string[] | null;
  }>(
    `select floor.pruned_through, (select ${MARK} from config_changes where revision = $1) as last_mark,
       change.revision, change.mark, change.table_name, change.domain, change.keys
     from config_change_floor floor
     left join lateral (
       select revision, ${MARK} as mark, table_name, domain, keys from config_changes
       where revision > $1 order by revision limit $2
     ) change on true
     order by change.revision`,
    [revision, limit],
  );
  const changes = rows.flatMap(({ revision: number, mark: own, table_name: table, domain, keys }) =>
    number === null || own === null || table === null || keys === null
      ? []
      : [{ revision: Number(number), mark: own, table, domain, keys }],
  );
  const prunedThrough = Number(rows[0]?.pruned_through ?? 0);
  return {
    isBehindFloor: prunedThrough > revision,
    isOtherHistory: prunedThrough < revision && (rows[0]?.last_mark ?? null) !== mark,
    changes,
  };
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
