import type { ClientBase } from 'pg';
import { type ConfigChange, readChanges } from './change-log.sql.ts';
import type { HeldSnapshot } from './held-snapshot.ts';
import { readRows } from './read-tables.sql.ts';
import type { SnapshotModel } from './table.ts';

const CHANGES_A_READ = 500;

/** What one read of the change log came to: `load` when only a full load will do. */
export type CatchUp = { outcome: 'complete' | 'more' | 'load'; applied: number };

/** Reads the next changes and applies them. */
export async function applyNext(client: ClientBase, held: HeldSnapshot<SnapshotModel>): Promise<CatchUp> {
  const batch = await readChanges(client, { ...held.position, limit: CHANGES_A_READ });
  if (batch.isBehindFloor || batch.isOtherHistory) return { outcome: 'load', applied: 0 };
  let applied = 0;
  for (const change of batch.changes) {
    if (!(await applyChange(client, held.model, change))) return { outcome: 'load', applied };
    held.advance(change);
    applied += 1;
  }
  return { outcome: batch.changes.length < CHANGES_A_READ ? 'complete' : 'more', applied };
}

/**
 * Reads the changed rows again and puts them in place of what the model had. Rows newer than the change are harmless:
 * their own change comes later. False when the change is of a whole table (a TRUNCATE).
 */
async function applyChange(
  client: ClientBase,
  model: SnapshotModel,
  { table, domain, keys }: ConfigChange,
): Promise<boolean> {
  const handler = model.handlers.find((candidate) => candidate.table.name === table);
  if (handler === undefined) return true;
  if (keys.length === 0) return false;
  const rows = await readRows(client, handler.table, { domain, keys });
  for (const key of keys) handler.remove(domain, key);
  handler.put(rows);
  return true;
}
