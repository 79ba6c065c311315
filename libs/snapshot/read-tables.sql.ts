import type { ClientBase } from 'pg';
import type { SnapshotRow, SnapshotTable } from './table.ts';

/** Rows of one table, a part of a load. */
export interface TableRows {
  table: string;
  rows: SnapshotRow[];
}

/** Few enough that a batch dies young: at 5,000 a load of 200,000 users left 60 MB behind it. */
const ROWS_A_FETCH = 500;

/** Every row of the tables, in parts, inside the transaction that the client is in. */
export async function* readTables(
  client: ClientBase,
  tables: readonly SnapshotTable<SnapshotRow>[],
): AsyncGenerator<TableRows> {
  for (const table of tables) {
    await client.query(`declare snapshot_rows no scroll cursor for select ${table.select}`);
    let next = fetchRows(client);
    for (;;) {
      const rows = await next;
      // The server reads the next part while the reader is busy with this one.
      if (rows.length === ROWS_A_FETCH) next = fetchRows(client);
      if (rows.length > 0) yield { table: table.name, rows };
      if (rows.length < ROWS_A_FETCH) break;
    }
    await client.query('close snapshot_rows');
  }
}

function fetchRows(client: ClientBase): Promise<SnapshotRow[]> {
  const fetched = client
    .query<SnapshotRow>(`fetch ${ROWS_A_FETCH} from snapshot_rows`)
    .then(({ rows }) => rows);
  // A reader that stops early never waits for it.
  fetched.catch(() => undefined);
  return fetched;
}

/** The rows of some keys as they are now; a key without a row is gone. */
export async function readRows(
  client: ClientBase,
  table: SnapshotTable<SnapshotRow>,
  { domain, keys }: { domain: string | null; keys: readonly string[] },
): Promise<SnapshotRow[]> {
  const { rows } = await client.query<SnapshotRow>(`select ${table.select} where ${table.where}`, [
    domain,
    keys,
  ]);
  return rows;
}

/** Runs a load in one REPEATABLE READ transaction: all tables and the revision are of one moment. */
export async function inOneMoment<T>(client: ClientBase, load: () => Promise<T>): Promise<T> {
  await client.query('begin transaction isolation level repeatable read read only');
  try {
    const result = await load();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}
