import type { ClientBase } from 'pg';

/** Where the server keeps its files. */
export async function readDataDirectory(client: ClientBase): Promise<string> {
  const { rows } = await client.query<{ folder: string }>(
    `select current_setting('data_directory') as folder`,
  );
  return rows[0]?.folder ?? '';
}

/**
 * Lets the server know that its files will be copied while it works. A slot that goes with this connection keeps the log
 * that the copy needs.
 */
export async function startBackup(client: ClientBase, name: string): Promise<void> {
  await client.query('select pg_create_physical_replication_slot($1, true, true)', [name]);
  await client.query('select pg_backup_start($1, true)', [name]);
}

/** The copy is made. Gives what must be written into it as `backup_label`. */
export async function endBackup(client: ClientBase): Promise<string> {
  const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)');
  return rows[0]?.labelfile ?? '';
}
