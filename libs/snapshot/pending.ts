import type { ClientBase } from 'pg';
import { readRows } from './read-tables.sql.ts';
import type { SnapshotModel, SnapshotRow } from './table.ts';

/** What the transaction of a client changed and has not committed: the keys of one table, and their rows as they would be. */
export interface PendingChange {
  table: string;
  domain: string | null;
  keys: readonly string[];
  rows: readonly SnapshotRow[];
}

/** Reads what this transaction changed of what a model holds. Changes get their revision when they are committed, so those without are its own. */
export async function readPending(client: ClientBase, model: SnapshotModel): Promise<PendingChange[]> {
  const { rows: changes } = await client.query<Omit<PendingChange, 'rows'>>(
    'select table_name as "table", domain, keys from config_changes where revision is null order by id',
  );
  const pending: PendingChange[] = [];
  for (const { table, domain, keys } of changes) {
    const handler = model.handlers.find((candidate) => candidate.table.name === table);
    if (handler === undefined) continue;
    pending.push({ table, domain, keys, rows: await readRows(client, handler.table, { domain, keys }) });
  }
  return pending;
}

/** Lets a model hold what would be, as the feed does with what is. */
export function applyPending(model: SnapshotModel, changes: readonly PendingChange[]): void {
  for (const { table, domain, keys, rows } of changes) {
    const handler = model.handlers.find((candidate) => candidate.table.name === table);
    for (const key of keys) handler?.remove(domain, key);
    handler?.put(rows);
  }
}
