import type { Pool } from 'pg';
import { CodedError, messageOf } from '../errors/coded-error.ts';
import { transaction } from '../postgres/transaction.ts';
import { readPosition } from './change-log.sql.ts';
import type { DiskSnapshot } from './disk/disk-snapshot.ts';
import type { Loaded } from './held-snapshot.ts';
import { readTables, type TableRows } from './read-tables.sql.ts';
import type { SnapshotModel } from './table.ts';

/** Fills a new model with all tables and their place in the log, of one moment on one server. */
export function loadFromDatabase<M extends SnapshotModel>(pool: Pool, model: M): Promise<Loaded<M>> {
  const tables = model.handlers.map((handler) => handler.table);
  return transaction(
    pool,
    async (client) => {
      const position = await readPosition(client);
      for await (const rows of readTables(client, tables)) putRows(model, rows);
      return { model, position };
    },
    { isolation: 'REPEATABLE READ', readOnly: true },
  );
}

/**
 * Fills a new model from the copy on disk, because the database could not be read (`cause`).
 * @throws CodedError `snapshot-unavailable`
 */
export async function loadFromDisk<M extends SnapshotModel>(
  disk: DiskSnapshot | undefined,
  model: M,
  cause: unknown,
): Promise<Loaded<M>> {
  try {
    if (disk === undefined) throw new CodedError('snapshot-missing', 'no disk snapshot is configured');
    const { revision } = await disk.read((rows) => putRows(model, rows));
    return { model, position: { revision, mark: null } };
  } catch (error) {
    const message = `neither the database nor a disk snapshot can be read (${messageOf(error)})`;
    throw new CodedError('snapshot-unavailable', message, { cause });
  }
}

function putRows(model: SnapshotModel, { table, rows }: TableRows): void {
  model.handlers.find((handler) => handler.table.name === table)?.put(rows);
}
