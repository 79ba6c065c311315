/** A row as it is read: `domain` is null where it is fleet-wide, `key` is what the change log calls it. */
export interface SnapshotRow {
  domain: string | null;
  key: string;
}

/** A table that a snapshot holds: how all of it is read, and how a few rows of it are read again. */
export interface SnapshotTable<Row extends SnapshotRow> {
  /** as in `config_changes.table_name` */
  readonly name: string;
  /** the columns of Row, then `from …`, without `where` */
  readonly select: string;
  /** the rows of some keys: $1 the domain (or null), $2 the keys */
  readonly where: string;
  /** never set: carries the type of its rows */
  readonly row?: Row;
}

/** What a model does with the rows of one table. Both run to their end at once: a reader never sees half a change. */
export interface TableHandler {
  readonly table: SnapshotTable<SnapshotRow>;
  /** Takes rows in, replacing those with the same identity. */
  put(rows: readonly SnapshotRow[]): void;
  /** Forgets every row of a key. */
  remove(domain: string | null, key: string): void;
}

/** What a service answers from: made empty, filled by a load, then changed in place. */
export interface SnapshotModel {
  readonly handlers: readonly TableHandler[];
}

/** Ties the row type of a table to its handler. */
export function handle<Row extends SnapshotRow>(
  table: SnapshotTable<Row>,
  handler: { put(row: Row): void; remove(domain: string | null, key: string): void },
): TableHandler {
  return {
    table: table as SnapshotTable<SnapshotRow>,
    put: (rows) => {
      for (const row of rows as readonly Row[]) handler.put(row);
    },
    remove: (domain, key) => handler.remove(domain, key),
  };
}
